import compatibility from "./compatibility.json" with { type: "json" };

/** A version as major, minor and patch; a pre-release is kept but not compared. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
}

/** Which Kubernetes minors each Talos minor supports; tests compare it with Talos's own tables. An unknown Talos minor is an error, never a guess. */
const kubernetesFor: Readonly<Record<string, { from: number; to: number }>> = compatibility.kubernetes;

/** The oldest Talos minor that is known, such as v1.8. */
export const oldestTalos = Object.keys(kubernetesFor)
  .map((minor) => `v${minor}`)
  .reduce((oldest, minor) => (isNewerMinor(oldest, minor) ? minor : oldest));

/** Semantic versioning's numbers, which have no leading zeros, and its pre-release. */
export const releasePattern = /^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;
export const contractPattern = /^v(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** The newest contract that the Talos inside the provider can write a machine config for. */
export const newestContract = `v${compatibility.renders}`;

/** Reads `v1.13.3` or `v1.13`. The caller has checked the form. */
export function parseVersion(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.replace(/^v/, "").split("-", 1).join("").split(".").map(Number);
  return { major, minor, patch };
}

/** `v1.13` of `v1.13.3`. */
export function minorOf(text: string): string {
  const { major, minor } = parseVersion(text);
  return `v${major}.${minor}`;
}

/** What is wrong with a Talos version of which it is not known what it supports, or undefined. */
export function talosProblem(talosVersion: string): string | undefined {
  const talos = minorOf(talosVersion).slice(1);
  if (kubernetesFor[talos]) return undefined;
  const known = Object.keys(kubernetesFor).join(", ");
  return `Talos ${talos} is not in the table of supported versions (${known}); a newer one is added in cluster/compatibility.json`;
}

/** What is wrong with running this Kubernetes on this Talos, or undefined; also where the Talos is unknown. */
export function pairProblem(talosVersion: string, kubernetesVersion: string): string | undefined {
  const supported = kubernetesMinors(talosVersion);
  if (!supported) return undefined;
  const { major, minor } = parseVersion(kubernetesVersion);
  if (major === 1 && minor >= supported.from && minor <= supported.to) return undefined;
  return `Talos ${minorOf(talosVersion).slice(1)} supports Kubernetes 1.${supported.from} to 1.${supported.to}`;
}

/** The first and the last Kubernetes minor that a Talos supports, or undefined where that is not known. */
export function kubernetesMinors(talosVersion: string): { from: number; to: number } | undefined {
  return kubernetesFor[minorOf(talosVersion).slice(1)];
}

/** Whether minor version `a` is newer than `b`. */
export function isNewerMinor(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left.major !== right.major ? left.major > right.major : left.minor > right.minor;
}

/** Whether version `a` comes before `b`; a pre-release comes before its release. */
export function isOlder(a: string, b: string): boolean {
  const order = (version: string): [number, number, number, number] => {
    const { major, minor, patch } = parseVersion(version);
    return [major, minor, patch, version.includes("-") ? 0 : 1];
  };
  const [left, right] = [order(a), order(b)];
  const differing = left.findIndex((number, i) => number !== right[i]);
  if (differing >= 0) return (left[differing] ?? 0) < (right[differing] ?? 0);
  return a.localeCompare(b, "en", { numeric: true }) < 0;
}
