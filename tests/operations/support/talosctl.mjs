// Stands in for talosctl: answers from the scenario in $SCENARIO and writes down each call, with what it could see.
import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "../../../operations/lib/script/processes.ts";

const scenario = JSON.parse(readFileSync(process.env.SCENARIO, "utf8"));
const args = process.argv.slice(2);
const value = (flag) => args[args.indexOf(flag) + 1];
const mode = (path) => (statSync(path).mode & 0o777).toString(8);
const text = existsSync(scenario.log) ? readFileSync(scenario.log, "utf8") : "";
// Another call may be writing its line just now.
const before = text
  .split("\n")
  .slice(0, -1)
  .map((line) => JSON.parse(line));

const words = args.includes("--nodes") ? args.slice(0, args.indexOf("--nodes")) : args;
const call = {
  address: value("--nodes"),
  endpoint: value("--endpoints"),
  words: words.join(" "),
  args,
  insecure: args.includes("--insecure"),
};
call.secretSeen = "TALOS_CA" in process.env;
if (args.includes("--talosconfig")) call.modes = [mode(dirname(value("--talosconfig"))), mode(value("--talosconfig"))];
if (args.includes("--file")) {
  const { nlink: names } = statSync(value("--file"));
  call.file = { names, mode: mode(value("--file")), content: readFileSync(value("--file"), "utf8") };
}
appendFileSync(scenario.log, `${JSON.stringify(call)}\n`);

if (words[0] === "version" && args.includes("--client")) {
  process.stdout.write(`Client:\n\tTag:         ${scenario.client}\n\tSHA:         abc\n`);
  process.exit();
}

// A phase ends with the first call of the words that it names.
const phase = scenario.phases.findIndex(({ until }) => until === undefined || !before.some(({ words }) => words.startsWith(until)));
const { until, after = [], nodes } = scenario.phases[phase];
if (until !== undefined && call.words.startsWith(until)) for (const [from, to] of after) copyFileSync(from, to);

const answers = nodes[call.address] ?? {};
const key = Object.keys(answers).find((prefix) => call.words.startsWith(prefix));
const answer = key === undefined ? { code: 1, stderr: `nothing is known of "${call.words}" at ${call.address}` } : answers[key];
// What it would write goes to the path that its words end with.
if (answer.writes) copyFileSync(answer.writes, args[args.indexOf("--nodes") - 1]);
if (answer.kill) {
  const engine = Number(process.env.ENGINE_PID);
  process.kill(engine, "SIGKILL");
  // A signal is sent before it is obeyed: the caller is answered when the engine is gone.
  while (inspect(engine)) await nextTurn();
}
process.stdout.write(answer.stdout ?? "");
process.stderr.write(answer.stderr ?? "");
process.exitCode = answer.code ?? 0;
