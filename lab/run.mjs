#!/usr/bin/env node
// What `npm run lab` runs: makes ready what is missing, and hands over to the lab's own program.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { binaries, fail, prepare, root } from "./prepare.mjs";

function handOver() {
  // npm changes to the project's folder; a relative path in the arguments is meant from where the person is.
  const cwd = process.env.INIT_CWD && existsSync(process.env.INIT_CWD) ? process.env.INIT_CWD : process.cwd();
  const child = spawn(join(binaries, "lab"), process.argv.slice(2), { stdio: "inherit", cwd, env: { ...process.env, LAB_ROOT: root } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // Ctrl-C on a terminal reaches all of its programs by itself.
      if (!(signal === "SIGINT" && process.stdin.isTTY)) child.kill(signal);
    });
  }
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

await prepare();
handOver();
