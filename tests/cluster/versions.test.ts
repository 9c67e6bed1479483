import { expect, test } from "vitest";
import { isOlder } from "../../cluster/versions.ts";

test("versions have an order", () => {
  const ordered = ["v1.9.9", "v1.36.0-alpha.2", "v1.36.0-alpha.10", "v1.36.0-beta.0", "v1.36.0-rc.1", "v1.36.0", "v1.36.10", "v2.0.0"];
  for (const [i, one] of ordered.entries()) {
    for (const [j, other] of ordered.entries()) expect(isOlder(one, other), `${one} ${other}`).toBe(i < j);
  }
});
