import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runtimeFolder } from "../../operations/lib/runtime-folder.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "phoebe-runtime-"));
});
afterEach(() => rmSync(base, { recursive: true }));

test("a cluster has a folder of its own, for this user alone, whatever its ID holds", () => {
  const env = { XDG_RUNTIME_DIR: base };
  const folders = ["a/b=", "../../x", "a/b"].map((id) => runtimeFolder(id, env));
  expect(new Set(folders).size).toBe(3);
  for (const folder of folders) {
    expect(folder).toMatch(new RegExp(`^${base}/phoebe/[0-9a-f]{16}$`));
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  }
  expect(runtimeFolder("a/b", env)).toBe(folders[2]);
});

test("a folder that others can write to, or that is none, is not used", () => {
  const phoebe = join(base, "phoebe");
  mkdirSync(phoebe);
  chmodSync(phoebe, 0o777);
  expect(() => runtimeFolder("id", { XDG_RUNTIME_DIR: base })).toThrow(
    `${phoebe} is open to others (mode 777): no credentials are put there`,
  );
  rmSync(phoebe, { recursive: true });
  symlinkSync(base, phoebe);
  expect(() => runtimeFolder("id", { XDG_RUNTIME_DIR: base })).toThrow(`${phoebe} is not a folder`);
});

test("where there is no runtime folder it is one in the temporary folder, by the user's number", () => {
  for (const env of [{}, { XDG_RUNTIME_DIR: join(base, "absent") }]) {
    expect(runtimeFolder("phoebe's own test", env)).toContain(join(tmpdir(), `phoebe-${process.getuid?.()}`));
  }
  rmSync(runtimeFolder("phoebe's own test", {}), { recursive: true });
});
