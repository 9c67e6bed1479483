import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Where a Pulumi lies that says what it was told, and takes its time when it is interrupted. */
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "phoebe-scripts-"));
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: { pulumi: string } };
  const bin = join(home, "versions", dependencies.pulumi, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "pulumi"), `#!/usr/bin/env node\n(${pulumi})();\n`, { mode: 0o755 });
});
afterAll(() => rmSync(home, { recursive: true }));

function pulumi(): void {
  let interrupted = 0;
  process.on("SIGINT", () => {
    console.log("interrupted");
    interrupted += 1;
    if (interrupted === 2) process.exit(4);
  });
  console.log(process.env.PULUMI_CONTINUE_ON_ERROR, ...process.argv.slice(2));
  if (process.argv.includes("--wait")) setInterval(() => {}, 60_000);
  else process.exitCode = 3;
}

const npmRun = (words: readonly string[], env: Options["env"] = {}) =>
  execa("npm", ["run", "--silent", ...words], {
    env: { PULUMI_CONTINUE_ON_ERROR: undefined, PULUMI_VERSION: undefined, ...env, PULUMI_HOME: home },
    reject: false,
  });

test.each(["preview", "up", "refresh", "destroy"])(
  "npm run %s lets go on what needs no failed node; arguments and exit code pass",
  async (verb) => {
    const { stdout, exitCode } = await npmRun([verb, "--", "--stack", "my stack"]);
    expect([stdout, exitCode]).toEqual([`true ${verb} --stack my stack`, 3]);
  },
);

test("who wants a run to end with its first failure says so", async () => {
  expect((await npmRun(["up"], { PULUMI_CONTINUE_ON_ERROR: "false" })).stdout).toBe("false up");
});

test("npm waits for a Pulumi that was interrupted, until that ends", async () => {
  const running = npmRun(["up", "--", "--wait"]);
  const seen: string[] = [];
  for await (const line of running) {
    seen.push(line);
    if (seen.length < 3) running.kill("SIGINT");
  }
  expect(seen).toEqual(["true up --wait", "interrupted", "interrupted"]);
  expect((await running).exitCode).toBe(4);
});

test("a Node that runs no TypeScript is told in one sentence, before anything else", async () => {
  const args = ["--no-experimental-strip-types", "--import=./sources/compile-cache.mjs", "index.ts"];
  const { exitCode, stderr } = await execa("node", args, { reject: false });
  expect(stderr).toMatch(/^Node \S+ \(\/.+\) does not run TypeScript\. Start Pulumi by npm run up, [^\n]+\.$/);
  expect(exitCode).toBe(1);
});
