// Makes a fresh clone ready: looks at the machine, gets the npm packages, builds the lab's own programs. It needs nothing but Node, npm and Go.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const binaries = join(root, ".lab/bin");

export function fail(message) {
  process.stderr.write(`lab: ${message}\n`);
  process.exit(1);
}

/** Compares dotted version numbers. */
function older(version, than) {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  for (let i = 0; i < Math.max(a.length, b.length); i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  return false;
}

function checkMachine() {
  if (process.platform !== "linux") {
    fail(`the lab runs on Linux alone, and this is ${process.platform}: it needs all of 127.0.0.0/8. Run it in a Linux container or a virtual machine.`);
  }
  if (older(process.versions.node, "20")) fail(`Node ${process.versions.node} is too old: install 20 or newer, https://nodejs.org`);
  const wanted = /^go (\S+)$/m.exec(readFileSync(join(root, "lab/go.mod"), "utf8"))[1];
  // Asked in the module's folder, where Go may choose to get itself a newer version.
  const go = spawnSync("go", ["env", "GOVERSION"], { cwd: join(root, "lab"), encoding: "utf8" });
  if (go.error?.code === "ENOENT") fail(`Go is not on PATH: install ${wanted} or newer, https://go.dev/dl`);
  const version = /^go(\d[\d.]*)/.exec(go.stdout ?? "")?.[1];
  if (go.status !== 0 || version === undefined || older(version, wanted)) {
    const found = version === undefined ? (go.stderr ?? "").trim().split("\n").pop() : `Go ${version} is too old`;
    fail(`${found}: install Go ${wanted} or newer, https://go.dev/dl`);
  }
}

/** "3.2s", "41s", "4m12s". */
export function elapsed(since) {
  const seconds = (Date.now() - since) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)}s` : seconds < 60 ? `${Math.round(seconds)}s` : `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s`;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Starts a child. While it runs it is that one which is told to end, from its first moment on, and this process ends after it. `told` says by which signal
 * it was told, if any.
 */
export function forwarding(start) {
  let child, told;
  const listeners = signals.map((signal) => {
    const listener = () => {
      told = signal;
      // Ctrl-C on a terminal reaches all of its programs by itself.
      if (!(signal === "SIGINT" && process.stdin.isTTY)) child.kill(signal);
    };
    process.on(signal, listener);
    return [signal, listener];
  });
  child = start();
  child.on("exit", () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  });
  return { child, told: () => told };
}

/** Runs a program quietly, with a line that counts seconds on a terminal; its output is shown when it fails. */
export function step(doing, done, program, args, options) {
  const began = Date.now();
  const terminal = process.stderr.isTTY;
  const live = () => process.stderr.write(`\r\x1b[K${doing} ${Math.floor((Date.now() - began) / 1000)}s`);
  if (terminal) live();
  const timer = terminal ? setInterval(live, 1000) : setTimeout(() => process.stderr.write(`${doing}\n`), 2000);
  return new Promise((settled) => {
    const { child } = forwarding(() => spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options }));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    child.on("error", (error) => settled([1, error.message]));
    child.on("close", (code, signal) => settled([code ?? 1, signal ? `${output}ended by ${signal}` : output]));
  }).then(([code, output]) => {
    clearInterval(timer);
    if (terminal) process.stderr.write("\r\x1b[K");
    if (code !== 0) fail(`${doing} failed: ${program} ${args.join(" ")}\n${output.trim().split("\n").slice(-20).join("\n")}`);
    if (Date.now() - began > 2000) process.stderr.write(`${done} in ${elapsed(began)}\n`);
  });
}

/** Whether each package of the lock file is installed at its version; one that is optional need not be there. */
function installed() {
  const installedLock = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedLock)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const found = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, link, optional, devOptional }]) =>
      !path.startsWith("node_modules/") || (found[path] ? link || found[path].version === version : optional || devOptional),
  );
}

/** Gets the npm packages of the lock file, unless they are all there. */
async function install() {
  if (installed()) return;
  await step("installing npm packages", "installed npm packages", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root });
}

/** Builds the lab's own programs into `binaries`; Go's cache decides what there is to do. */
async function build() {
  const temporary = join(root, ".lab/tmp"); // on the same file system, so that a running program is replaced and not written to
  for (const folder of [join(root, ".lab"), binaries, temporary]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const options = { cwd: join(root, "lab"), env: { ...process.env, GOWORK: "off", GOTMPDIR: temporary } };
  await step("building the lab", "built the lab", "go", ["build", "-buildvcs=false", "-o", `${binaries}/`, "./cmd/..."], options);
}

/** All of it, in order. Ends the process with a sentence where something is missing or fails. */
export async function prepare() {
  checkMachine();
  await install();
  await build();
}
