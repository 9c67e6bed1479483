/** A version as major, minor and patch; a pre-release is kept but not compared. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
}

/** Which Kubernetes minors each Talos minor supports, by Talos's own tables. An unknown Talos minor is an error, never a guess. */
const kubernetesFor: Record<string, { from: number; to: number }> = {
  "1.10": { from: 28, to: 33 },
  "1.11": { from: 29, to: 34 },
  "1.12": { from: 30, to: 35 },
  "1.13": { from: 31, to: 36 },
};

export const releasePattern = /^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
export const contractPattern = /^v\d+\.\d+$/;

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

/** What is wrong with running this Kubernetes on this Talos, or undefined. */
export function pairProblem(talosVersion: string, kubernetesVersion: string): string | undefined {
  const talos = minorOf(talosVersion).slice(1);
  const supported = kubernetesFor[talos];
  if (!supported) {
    return `Talos ${talos} is not in the table of supported versions (${Object.keys(kubernetesFor).join(", ")})`;
  }
  const { major, minor } = parseVersion(kubernetesVersion);
  if (major === 1 && minor >= supported.from && minor <= supported.to) return undefined;
  return `Talos ${talos} supports Kubernetes 1.${supported.from} to 1.${supported.to}`;
}

/** Whether minor version `a` is newer than `b`. */
export function isNewerMinor(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left.major !== right.major ? left.major > right.major : left.minor > right.minor;
}
