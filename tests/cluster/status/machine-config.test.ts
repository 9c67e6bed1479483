import { describe, expect, test } from "vitest";
import { compareConfigs } from "../../../cluster/status/machine-config.ts";

const lines = (...text: string[]) => `${text.join("\n")}\n`;
const base = ["version: v1alpha1", "machine:", "  type: worker"];
const same = (running: string, ...renderings: [string, ...string[]]) => {
  const comparison = compareConfigs(running, renderings);
  return comparison?.declared === comparison?.running;
};

test("the same config is the same, whatever its secrets, the order of its keys and its comments", () => {
  const declared = lines(...base, "  token: <redacted>", "  ca: { crt: <redacted>, key: <redacted> }", "cluster:", "  id: <redacted>");
  const running = lines(
    "# written by Talos",
    "cluster: { id: the-cluster, aescbcEncryptionSecret: of-an-older-bundle }",
    "machine: { ca: { key: the-key-of-the-ca, crt: the-certificate }, token: abcdef.0123456789, type: worker }",
    "version: v1alpha1",
  );
  expect(compareConfigs(running, [declared])).toEqual({
    declared: expect.anything(),
    running: expect.stringContaining("token: <redacted>"),
  });
  expect(same(running, declared)).toBe(true);
});

test("documents are compared by kind and name, wherever they stand", () => {
  const [one, other] = ["kind: HostnameConfig\nhostname: w1\n", "kind: LinkConfig\nname: eth0\nmtu: 9000\n"];
  expect(same([lines(...base), one, other].join("---\n"), [other, lines(...base), one].join("---\n"))).toBe(true);
  expect(same([lines(...base), one].join("---\n"), [lines(...base), one, other].join("---\n"))).toBe(false);
});

test("what differs is shown on lines of its own", () => {
  const comparison = compareConfigs(lines(...base, "  sysctls: { a: 1, b: 2 }"), [lines(...base, "  sysctls:", "    b: 3", "    a: 1")]);
  expect(comparison?.declared).toContain("sysctls:\n    b: 3\n    a: 1\n");
  expect(comparison?.running).toContain("sysctls:\n    b: 2\n    a: 1\n");
});

describe("no secret of the running config is shown", () => {
  const secret = "mR3kq8Jv0pWcXz71nYb2";
  const shown = (running: string, ...renderings: [string, ...string[]]) => compareConfigs(running, renderings)?.running;

  test("where the declared config has one, although nothing says so by its name", () => {
    const declared = lines(...base, "  sysctls:", "    a: <redacted>", "    b: changed");
    expect(shown(lines(...base, `  sysctls: { a: ${secret}, b: d }`), declared)).not.toContain(secret);
    expect(shown(lines(...base, "  sysctls: { a: 17, b: d }"), declared)).toContain("a: <redacted>\n");
  });

  test("where an older rendering has one that is no longer declared", () => {
    const older = lines(...base, "  sysctls:", "    a: <redacted>");
    expect(shown(lines(...base, `  sysctls: { a: ${secret} }`), lines(...base), older)).not.toContain(secret);
  });

  test("in a list whose members have moved", () => {
    const declared = lines(...base, "  files:", "    - path: /a", "      content: <redacted>");
    const running = lines(...base, "  files:", "    - { path: /new, content: x }", `    - { path: /a, content: ${secret} }`);
    expect(shown(running, declared)).toMatch(/path: \/new\n +content: <redacted>\n/);
    expect(shown(running, declared)).not.toContain(secret);
  });

  test("where the same value stands in the open too", () => {
    expect(shown(lines(...base, `  token: ${secret}`, "  sysctls:", `    a: x${secret}y`), lines(...base))).not.toContain(secret);
  });

  test("where it was taken out of the patches and nobody remembers it, but it looks like one", () => {
    const running = `  sysctls: { a: ${secret}, b: abcdef0123456789, c: phoebe-k-ctrl-01, d: /var/lib/some-longer-path/A1, e: "10.60.0.10/24" }`;
    expect(shown(lines(...base, running), lines(...base))).toContain(
      ["a: <redacted>", "b: <redacted>", "c: phoebe-k-ctrl-01", "d: /var/lib/some-longer-path/A1", "e: 10.60.0.10/24"].join("\n    "),
    );
    const image = `factory.talos.dev/metal-installer/${"0a".repeat(32)}:v1.13.3`;
    expect(shown(lines(...base, `  install: { image: "${image}" }`), lines(...base))).toContain(image);
    expect(shown(lines(...base, `  sysctls: { a: ${secret} }`), lines(...base, `  sysctls: { a: ${secret} }`))).toContain(secret);
  });

  test("in a whole branch that is redacted", () => {
    const declared = lines(...base, "  registries: <redacted>");
    expect(shown(lines(...base, `  registries: { a: { b: [${secret}] } }`), declared)).not.toContain(secret);
  });
});

test("what cannot be read to its end is not compared", () => {
  expect(compareConfigs("machine: [", [lines(...base)])).toBeUndefined();
  expect(compareConfigs(lines(...base), ["# Not shown: it could not be made certain that no secret is in it.\n"])).toBeUndefined();
});
