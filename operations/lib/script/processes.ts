import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** A running process; what has ended and only waits to be reaped does not count as one. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The base name of the program, as it was called. */
  readonly name: string;
  /** `<pid>-<start>`: never that of another process, though PIDs are given again, after a reboot too. */
  readonly identity: string;
}

/** Looks a process up; undefined when there is none. */
export type Inspect = (pid: number) => Process | undefined;

/** Looks a process up on this machine. */
export const inspect: Inspect = process.platform === "linux" ? inspectProc : inspectPs;

/** Whether the process of that identity still runs. */
export function isAlive(identity: string, look: Inspect = inspect): boolean {
  return look(Number(identity.split("-", 1)[0]))?.identity === identity;
}

/** The words that a running process was called with, after its own name; none where they are not to be had. */
export function wordsOf(pid: number): string[] {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(1, -1);
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .split(/\s+/)
      .slice(1);
  } catch {
    return [];
  }
}

/** Linux: from /proc, which costs no child process. */
export function inspectProc(pid: number): Process | undefined {
  let stat: string;
  let commandLine: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  // "<pid> (<name, which may hold anything>) <state> <parent> … <start, the 22nd>"
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const fields = stat.slice(close + 2).split(" ");
  const [state, parent, start] = [fields[0], fields[1], fields[19]];
  if (state === undefined || "ZXx".includes(state)) return undefined;
  // The kernel's own name is cut after 15 characters: "pulumi-resource".
  const name = basename(commandLine.split("\0", 1)[0] || stat.slice(open + 1, close));
  return { pid, parent: Number(parent), name, identity: `${pid}-${bootId()}${start}` };
}

let knownBootId: string | undefined;

function bootId(): string {
  // A start is counted in ticks since the boot, and the folder with the locks may outlive a boot.
  knownBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  return `${knownBootId}.`;
}

/** Elsewhere (macOS): from ps. */
function inspectPs(pid: number): Process | undefined {
  const columns = ["-o", "ppid=", "-o", "stat=", "-o", "lstart=", "-o", "comm=", "-p", String(pid)];
  let line: string;
  try {
    line = execFileSync("ps", columns, { encoding: "utf8", env: { ...process.env, LC_ALL: "C", TZ: "UTC" } });
  } catch (error) {
    if ((error as { status?: number | null }).status === 1) return undefined;
    throw error;
  }
  return parsePs(pid, line);
}

/** Reads `ps -o ppid= -o stat= -o lstart= -o comm=`. */
export function parsePs(pid: number, line: string): Process | undefined {
  const match = /^\s*(\d+)\s+(\S+)\s+(\S+ +\S+ +\d+ +[\d:]+ +\d+)\s+(.*\S)\s*$/.exec(line);
  if (!match) return undefined;
  const [, parent, state, start, command] = match as unknown as [string, string, string, string, string];
  if (state.startsWith("Z")) return undefined;
  return { pid, parent: Number(parent), name: basename(command), identity: `${pid}-${Date.parse(`${start} UTC`)}` };
}
