#!/usr/bin/env node
// What `npm test` runs, on a fresh clone too: every check of the project, one after the other, with what each of them took.
// Names of stages as arguments run these alone: `npm test -- unit lab`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { binaries, elapsed, fail, forwarding, prepare, root } from "../lab/prepare.mjs";

const bin = join(root, "node_modules/.bin");
const tools = join(root, ".lab/tests/tools");
const lab = join(root, "lab");
const check = ["tool", "-modfile=tools/checks/go.mod"];

const stages = {
  tools: ["the real programs are there", join(binaries, "lab"), ["build", "--link", tools]],
  types: ["types", join(bin, "tsc"), ["-p", "."]],
  style: ["style of TypeScript", join(bin, "biome"), ["check"]],
  vet: ["Go's own checks", "go", ["vet", "./..."], lab],
  static: ["staticcheck", "go", [...check, "staticcheck", "./..."], lab],
  spacing: ["blank lines in Go", "go", [...check, "wsl", "-branch-max-lines", "1", "-disable", "append", "./..."], lab],
  sdk: [
    "the generated SDK is up to date",
    join(binaries, "generate-sdk"),
    ["--check", root, join(lab, "internal/talosprovider/schema.json"), join(root, "sdks/talos")],
  ],
  schema: ["the SDK's schema is a part of the official one", join(bin, "node"), ["sdks/compare-schemas.ts"]],
  unit: ["pure code, components, sources, commands, operations", join(bin, "vitest"), ["run", "--project", "unit"]],
  // The longest first: it mostly waits, and the others run meanwhile.
  go: ["the lab's own code", "go", ["test", "./internal/machine/talosctltest", "./..."], lab],
  pairs: ["versions that go together, by the next Talos too", "go", ["test", "./..."], join(lab, "tools/compatibility")],
  lab: ["the whole, in labs", join(bin, "vitest"), ["run", "--project", "lab"]],
};

function run([, program, args, cwd = root]) {
  const env = { ...process.env, PATH: `${bin}:${tools}:${process.env.PATH}`, PHOEBE_TOOLS: tools, LAB_ROOT: root };
  return new Promise((settled) => {
    const { child, told } = forwarding(() => spawn(program, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"] }));
    child.on("error", (error) => fail(error.message));
    child.on("close", (code) => {
      if (!told()) settled(code === 0);
      else process.kill(process.pid, told()); // and no further stage begins
    });
  });
}

const unknown = process.argv.slice(2).filter((name) => !(name in stages));
if (unknown.length > 0) fail(`no stage is called ${unknown.join(", ")}: ${Object.keys(stages).join(", ")}`);
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(stages);

await prepare();
const results = [];
for (const name of wanted) {
  const [what] = stages[name];
  if (name === "schema" && !process.env.TALOS_SCHEMA) {
    results.push([name, "NOT RUN", `${what}: set TALOS_SCHEMA to the official schema's file`]);
    continue;
  }
  process.stdout.write(`\n── ${name}: ${what}\n`);
  const began = Date.now();
  const passed = await run(stages[name]);
  results.push([name, passed ? "passed" : "FAILED", `${what}, ${elapsed(began)}`]);
  if (name === "tools" && !passed) break; // nothing that follows could say anything
}

process.stdout.write("\n");
for (const [name, result, what] of results) process.stdout.write(`${name.padEnd(8)}${result.padEnd(9)}${what}\n`);
const count = (result) => results.filter(([, found]) => found === result).length;
process.stdout.write(`\nstages: ${count("passed")} passed, ${count("FAILED")} failed, ${count("NOT RUN")} skipped\n`);
process.exitCode = count("FAILED") === 0 ? 0 : 1;
