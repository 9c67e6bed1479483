#!/usr/bin/env node
// What `npm run lab` runs: makes ready what is missing, and hands over to the lab's own program.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { binaries, fail, forwarding, prepare, root } from "./prepare.mjs";

function handOver() {
  // npm changes to the project's folder; a relative path in the arguments is meant from where the person is.
  const cwd = process.env.INIT_CWD && existsSync(process.env.INIT_CWD) ? process.env.INIT_CWD : process.cwd();
  const options = { stdio: "inherit", cwd, env: { ...process.env, LAB_ROOT: root } };
  const { child } = forwarding(() => spawn(join(binaries, "lab"), process.argv.slice(2), options));
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code);
    process.kill(process.pid, signal);
  });
}

/** What only looks at a lab or ends it takes what was built before, and needs neither Go nor a source that compiles. */
const quick = ["stop", "reset", "env", "fault", "--help", "-h"];
const asked = process.argv.slice(2).find((argument) => quick.includes(argument));
const built = existsSync(join(binaries, "lab"));

if (asked === "stop" && !built) {
  process.stderr.write("no lab is running: none was ever built here\n");
} else {
  if (asked === undefined || !built) await prepare();
  handOver();
}
