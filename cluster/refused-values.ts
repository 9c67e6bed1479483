import { apiPort } from "./ports.ts";

/** What one place in a machine config may not be. */
interface Refused {
  /** The values that change nothing. */
  readonly but: readonly unknown[];
  readonly repair: string;
}

const nothing = [null, undefined];
const otherName = "gives the Kubernetes Node another name than the node's hostname, by which this stack finds it; leave it out";

/** By the place. */
const refused: Readonly<Record<string, Refused>> = {
  "cluster.controlPlane.localAPIServerPort": {
    but: [...nothing, apiPort, 0],
    repair: `is not ${apiPort}, where this stack asks the API servers; leave it out: another port for clients is the endpoint's`,
  },
  "machine.kubelet.registerWithFQDN": { but: [...nothing, false], repair: otherName },
  "machine.kubelet.extraArgs.hostname-override": { but: nothing, repair: otherName },
  "machine.kubelet.skipNodeRegistration": {
    but: [...nothing, false],
    repair: "keeps the node out of Kubernetes, where this stack waits for it; leave it out",
  },
};

/** Why this stack does not take a value that Talos would take, with what to do; undefined where it does. `place` is such as machine.kubelet.image. */
export function refusal(place: string, value: unknown): string | undefined {
  const found = refused[place];
  return found && !found.but.includes(value) ? `${place} ${found.repair}` : undefined;
}
