import { releasePattern } from "../../../cluster/versions.ts";

/** What talosctl prints, read back. Each throws on what it does not understand: that is "unknown", never an answer. */

/** `get <type> <id> -o json`: the resource's spec. */
export function readSpec(stdout: string): unknown {
  const { spec } = JSON.parse(stdout) as { spec?: unknown };
  if (spec === undefined) throw new Error("talosctl printed a resource without a spec");
  return spec;
}

/** `get <type> -o json`: the spec of every resource of that type; it prints one document after the other. */
export function readSpecs(stdout: string): unknown[] {
  return documents(stdout).map(readSpec);
}

function documents(stdout: string): string[] {
  return stdout.split(/^(?=\{$)/m).filter((text) => text.trim() !== "");
}

/** `get <type> -o json`: every resource with its ID, the version that it is in, and when it was made. */
export function readResources(stdout: string): { id: string; version: string; created: string; spec: unknown }[] {
  return documents(stdout).map((text) => {
    const { id, version, created } = (JSON.parse(text) as { metadata: { id: string; version?: unknown; created?: unknown } }).metadata;
    return { id, version: String(version), created: String(created), spec: readSpec(text) };
  });
}

/** `version`: the tag of the node's Talos, which follows the client's own. */
export function readVersion(stdout: string): string {
  const tag = /^\s+Tag:\s+(\S+)$/m.exec(stdout.split(/^Server:$/m)[1] ?? "")?.[1];
  if (!tag) throw new Error("talosctl printed no version of the node");
  return tag;
}

/** `version --client`: talosctl's own tag, with a v, which some packages leave out. */
export function readClientVersion(stdout: string): string {
  const tag = /^\s+Tag:\s+(\S*)$/m.exec(stdout)?.[1];
  const version = tag?.replace(/^v?/, "v") ?? "";
  if (!releasePattern.test(version)) throw new Error(`talosctl on PATH does not say which version it is, but ${JSON.stringify(tag ?? "")}`);
  return version;
}

/** `list <folder>`: the names in it. The folder's own entry has to be there, or nothing was listed at all. */
export function readListing(stdout: string): string[] {
  const names = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/).at(-1) ?? "")
    .filter((name) => name !== "" && name !== "NAME");
  if (!names.includes(".")) throw new Error("talosctl listed nothing, not even the folder itself");
  return names.filter((name) => name !== ".");
}

/** `service <name>`: its state, in Talos's words, and its health: OK, Fail or ?. */
export function readService(stdout: string): { state: string; health: string } {
  const field = (label: string) => new RegExp(`^${label}\\s+(\\S+)\\s*$`, "m").exec(stdout)?.[1];
  const [state, health] = [field("STATE"), field("HEALTH")];
  if (!state || !health) throw new Error("talosctl printed no state of the service");
  return { state, health };
}

/** A table with a heading: cells are found by their column, for they may be empty or hold spaces. */
export function readTable(stdout: string): Record<string, string>[] {
  const [heading = "", ...lines] = stdout.split("\n").filter((line) => line.trim() !== "");
  const columns = [...heading.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], start: match.index }));
  if (columns.length === 0) throw new Error("talosctl printed no table");
  return lines.map((line) =>
    Object.fromEntries(columns.map(({ name, start }, i) => [name, line.slice(start, columns[i + 1]?.start).trim()])),
  );
}
