import { cordonMark } from "../../../operations/lib/kubernetes/cordon.ts";
import { type StandIn, useCluster } from "./cluster.ts";
import { nodeIn, podsIn, rollingVariables } from "./rolling.ts";
import type { Answer, Phase, World } from "./world.ts";

export const open = { unschedulable: false, mark: undefined };
export const byUs = { unschedulable: true, mark: "upgrade-talos" };

/** A stand-in cluster whose nodes are upgraded, one after the other. */
export interface Upgrades extends StandIn {
  /** The control plane as a worker's script asks it: its Kubernetes API only. */
  readonly peers: Phase["nodes"];
  /** Before each test: every machine is the cluster's, and nothing was asked yet. */
  reset(): void;
  /** The Node that is asked about; another one could take its pods. */
  put(name: string, spec?: object, annotations?: object): void;
  cordoned(name: string): { unschedulable: boolean; mark: string | undefined };
  upgrade(hostname: string, address: string, variables?: Record<string, string>): ReturnType<World["run"]>;
  /** Another script that is told what the upgrade is. */
  run(script: string, hostname: string, address: string, variables?: Record<string, string>, input?: string): ReturnType<World["run"]>;
  /** What talosctl was asked that begins with these words. */
  asked(words: string): string[];
  /** Until it is upgraded the node answers as it was, then as it has become. */
  going(address: string, before: Record<string, Answer>, after: Record<string, Answer>, rest?: Phase["nodes"]): Phase[];
}

/** Starts one for the tests of a file, as `useCluster` does; the first control plane node's address is the first. */
export async function useUpgrades(first: string, ...others: string[]): Promise<Upgrades> {
  const cluster = await useCluster(first, ...others);
  const { world, api } = cluster;
  const peers = { [first]: { kubeconfig: cluster.kubeconfig } };
  const put: Upgrades["put"] = (name, spec = {}, annotations = {}) => {
    api.resources.set(`/api/v1/nodes/${name}`, nodeIn(name, "boot-2", spec, annotations));
    api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn(name, "boot-2"), nodeIn("w2", "x")] });
  };
  const run: Upgrades["run"] = (script, hostname, address, variables = {}, input) =>
    world.run(script, { ...rollingVariables(world.folder, hostname, address), ...variables }, input);
  return {
    ...cluster,
    peers,
    put,
    run,
    reset() {
      world.set(Object.fromEntries([first, ...others].map((address) => [address, "ours"])));
      api.requests.length = 0;
      api.budgets.clear();
      api.clinging.clear();
      api.lingering.clear();
      api.resources.set("/readyz", {});
      api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
    },
    cordoned(name) {
      const { spec, metadata } = api.resources.get(`/api/v1/nodes/${name}`) as ReturnType<typeof nodeIn>;
      return { unschedulable: "unschedulable" in spec, mark: (metadata.annotations as Record<string, string>)[cordonMark] };
    },
    upgrade: (hostname, address, variables) => run("upgrade-talos", hostname, address, variables),
    asked: (words) => world.calls.filter((call) => call.words.startsWith(words)).map((call) => call.words),
    going: (address, before, after, rest = peers) => [
      { until: "upgrade", nodes: { ...rest, [address]: before } },
      { nodes: { ...rest, [address]: after } },
    ],
  };
}
