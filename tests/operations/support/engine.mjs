// Stands in for Pulumi: called by links named pulumi and pulumi-resource-command, it starts commands as those two do,
// `pulumi engine.mjs <folder of the links> <command>…`, and stays until it is killed.
import { spawn } from "node:child_process";
import { basename, join } from "node:path";

const [folder, ...commands] = process.argv.slice(2);
if (basename(process.argv0) === "pulumi") {
  const env = { ...process.env, ENGINE_PID: String(process.pid) };
  spawn(join(folder, "pulumi-resource-command"), [import.meta.filename, folder, ...commands], { stdio: "inherit", env, detached: true });
} else {
  for (const command of commands) spawn("/bin/sh", ["-c", command], { stdio: "inherit" });
}
process.stdin.resume();
