import { beforeAll, describe, expect, test } from "vitest";
import { readEnvironment } from "../../operations/lib/script/environment.ts";
import { exits } from "../../operations/lib/script/failure.ts";
import { makeAuthority, talosCa } from "./support/pki.ts";

let ca: string;
let other: string;
beforeAll(async () => {
  [ca, other] = [talosCa(await makeAuthority()), talosCa(await makeAuthority())];
});

const problem = (given: Record<string, string>): string => {
  try {
    readEnvironment(["TALOS_CA", "NODE_ADDRESS", "CONTROL_PLANE", "NODE_TIMEOUT"], given);
  } catch (error) {
    expect(error).toMatchObject({ exitCode: exits.badInput });
    return (error as Error).message;
  }
  throw new Error("nothing was wrong");
};

describe("the environment", () => {
  test("is read into values", () => {
    const control = [{ hostname: "c1", address: "10.60.0.10" }];
    const { TALOS_CA, ...rest } = readEnvironment(["TALOS_CA", "CONTROL_PLANE", "DECLARED_NODE_TIMEOUT", "ENGINE", "ALLOW_DESTROY"], {
      TALOS_CA: ca,
      CONTROL_PLANE: JSON.stringify(control),
      ALLOW_DESTROY: "false",
    });
    expect(TALOS_CA.certificate.ca).toBe(true);
    expect(rest).toEqual({ CONTROL_PLANE: control, DECLARED_NODE_TIMEOUT: 600, ENGINE: undefined, ALLOW_DESTROY: false });
  });

  test("names all that is wrong at once", () => {
    expect(
      problem({ NODE_ADDRESS: "10.60.0.300", NODE_TIMEOUT: "soon", CONTROL_PLANE: '[{"hostname":"c1","address":"c1"}]' }).split("\n"),
    ).toEqual([
      expect.stringMatching(/^TALOS_CA is not set: secret/),
      'NODE_ADDRESS="10.60.0.300" is no IPv4 address.',
      expect.stringMatching(/^CONTROL_PLANE=.* at 0.address: is no IPv4 address.$/),
      'NODE_TIMEOUT="soon" is no number.',
    ]);
  });

  test("a node named twice, or nothing at all, is no control plane", () => {
    const twice = [
      { hostname: "c1", address: "10.0.0.1" },
      { hostname: "c1", address: "10.0.0.1" },
    ];
    expect(problem({ CONTROL_PLANE: JSON.stringify(twice) })).toContain("names an address twice");
    expect(problem({ CONTROL_PLANE: "[]" })).toContain("is empty");
    expect(problem({ CONTROL_PLANE: "c1" })).toContain("is no JSON");
  });

  test.each(["W1", "w1.example.org", "-w1"])("%s is no hostname, for a stack file has none like it", (hostname) => {
    expect(problem({ CONTROL_PLANE: JSON.stringify([{ hostname, address: "10.0.0.1" }]) })).toContain("at 0.hostname: is no hostname of");
  });

  test("a broken CA is described and never shown", () => {
    const [ours, theirs] = [JSON.parse(ca), JSON.parse(other)];
    const broken: [object | string, string][] = [
      [{ cert: ours.cert, key: theirs.key }, "its key is not the key of its cert"],
      [{ cert: ours.key, key: ours.key }, "its cert is no certificate"],
      [{ cert: ours.cert, key: ours.cert }, "its key is no private key"],
      [`${ca}x`, "is no JSON"],
      [{ ...ours, more: ours.key }, "more"],
    ];
    for (const [value, sentence] of broken) {
      const message = problem({ TALOS_CA: typeof value === "string" ? value : JSON.stringify(value) });
      expect(message).toContain(sentence);
      for (const secret of [ours.key, theirs.key, Buffer.from(ours.key, "base64").toString()]) expect(message).not.toContain(secret);
    }
  });
});
