import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Where a Pulumi lies that has the stack lab selected. */
let bin: string;
beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), "phoebe-secrets-"));
  writeFileSync(join(bin, "pulumi"), '#!/bin/sh\ntest "$1" = stack && echo lab\n');
  chmodSync(join(bin, "pulumi"), 0o755);
});
afterAll(() => rmSync(bin, { recursive: true }));

const secrets = (...args: string[]) =>
  execa("node", ["commands/secrets.ts", ...args], {
    env: { PATH: `${bin}:${process.env.PATH}`, PULUMI_OPTION_STACK: undefined, PULUMI_OPTION_CONFIG_FILE: undefined },
    reject: false,
  });

test("check and init are about the selected stack, unless another is named", async () => {
  expect(await secrets("check")).toMatchObject({ exitCode: 0, stdout: "There are no references: the stack makes its secrets itself." });
  expect(await secrets("init")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('secrets.source: "generated": a bundle for 1Password'),
  });
  expect((await secrets("check", "nobody")).stderr).toMatch(/^Pulumi\.nobody\.yaml/);
});
