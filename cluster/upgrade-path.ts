import { isNewerMinor, isOlder, kubernetesMinors, minorOf, oldestTalos, pairProblem, parseVersion } from "./versions.ts";

/** Whether an older version than runs may be declared. */
export interface Allowance {
  readonly allowDowngrade: boolean;
}

/**
 * What is wrong with going from the Talos that runs to the declared one, or undefined: Talos is upgraded one minor version at a time, and
 * not downgraded unless that is allowed. Before 1.8 it takes a node out of etcd for an upgrade that is not told to preserve what is there, and refuses to where
 * the node is alone. Both with their v, such as v1.13.3.
 */
export function talosPath(running: string, declared: string, { allowDowngrade }: Allowance): string | undefined {
  if (isNewerMinor(oldestTalos, running)) {
    return (
      `Talos ${running} runs, which is older than this stack upgrades from (${oldestTalos}). Bring it there by hand, one minor version at a time and one ` +
      `node after the other: talosctl upgrade --preserve, up to ${oldestTalos}.x`
    );
  }
  if (isOlder(declared, running) && !allowDowngrade) {
    const first = isNewerMinor(running, declared)
      ? "; before that, in an up of its own, bring the machine configs to what the older one knows"
      : "";
    return `Talos ${declared} is older than ${running}, which runs; to go back all the same: npx pulumi config set allowDowngrade true${first}`;
  }
  return hopsProblem("Talos", running, declared);
}

/** What is wrong with going from the Kubernetes that runs to the declared one, or undefined: one minor version at a time, and never back. */
export function kubernetesPath(running: string, declared: string): string | undefined {
  if (isOlder(declared, running)) {
    return `Kubernetes ${declared} is older than ${running}, which runs, and Kubernetes cannot go back; declare ${running} or a newer one`;
  }
  return hopsProblem("Kubernetes", running, declared);
}

/**
 * What is wrong with putting another Talos minor under the Kubernetes that runs, or undefined: Talos goes first, and until Kubernetes
 * follows the old one runs on it.
 */
export function runningPairProblem(runningTalos: string, declaredTalos: string, runningKubernetes: string): string | undefined {
  const problem = pairProblem(declaredTalos, runningKubernetes);
  if (!problem || minorOf(runningTalos) === minorOf(declaredTalos)) return undefined;
  const { minor } = parseVersion(runningKubernetes);
  const [now, then] = [kubernetesMinors(runningTalos), kubernetesMinors(declaredTalos)];
  if (!now || !then || minor >= then.from || then.from > now.to) {
    return `${problem}, and ${runningKubernetes} runs: declare a Talos that supports it`;
  }
  const hops = Array.from({ length: then.from - minor }, (_, i) => `v1.${minor + i + 1}.x`).join(", then ");
  return `${problem}, and ${runningKubernetes} runs: upgrade Kubernetes before it, with talosVersion ${runningTalos}: to ${hops}`;
}

function hopsProblem(what: string, running: string, declared: string): string | undefined {
  const [from, to] = [parseVersion(running), parseVersion(declared)];
  if (from.major !== to.major)
    return `${what} ${declared} is another major version than ${running}, which runs; no path between them is known`;
  const distance = to.minor - from.minor;
  if (Math.abs(distance) <= 1) return undefined;
  const between = Array.from(
    { length: Math.abs(distance) - 1 },
    (_, i) => `v${from.major}.${from.minor + Math.sign(distance) * (i + 1)}.x`,
  );
  return (
    `${what} ${minorOf(running)} to ${minorOf(declared)} jumps over a minor version (${running} runs, ${declared} is declared): ` +
    `first ${[...between, declared].join(", then ")}`
  );
}
