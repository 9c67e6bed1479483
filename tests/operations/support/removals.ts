import { beforeEach } from "vitest";
import { type StandIn, useCluster } from "./cluster.ts";
import { nodeIn, podsIn } from "./rolling.ts";
import { answers, type EtcdMember, type Phase, prints, type World } from "./world.ts";

/** A stand-in cluster out of which nodes are taken. */
export interface Removals extends StandIn {
  /** Its two control plane nodes, c1 and c2, as etcd's members. */
  readonly members: readonly [EtcdMember, EtcdMember];
  remove(hostname: string, address: string, variables?: Record<string, string>): ReturnType<World["run"]>;
  /** The resets that were asked for, each with the node's address. */
  resets(): string[];
  /** What Kubernetes was asked to change. */
  changes(): string[];
}

/** Starts one for the tests of a file, as `useCluster` does. Before each test Kubernetes knows c2 and w1, with a pod to evict. */
export async function useRemovals(c1: string, c2: string, ...workers: string[]): Promise<Removals> {
  const cluster = await useCluster(c1, c2, ...workers);
  const { world, api } = cluster;
  const members = [
    { hostname: "c1", address: c1 },
    { hostname: "c2", address: c2 },
  ] as const;
  beforeEach(() => {
    api.requests.length = 0;
    api.resources.clear();
    api.budgets.clear();
    api.lingering.clear();
    for (const name of ["c2", "w1"]) api.resources.set(`/api/v1/nodes/${name}`, nodeIn(name, "boot-1"));
    api.resources.set("/api/v1/nodes", { kind: "NodeList", items: ["c1", "w1"].map((name) => nodeIn(name, "boot-1")) });
    api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
  });
  return {
    ...cluster,
    members,
    remove: (hostname, address, variables = {}) =>
      world.run("remove-node delete", {
        NODE_HOSTNAME: hostname,
        NODE_ADDRESS: address,
        NODE_ROLE: hostname.startsWith("c") ? "controlplane" : "worker",
        NODE_GENERATION: "1",
        CONTROL_PLANE: JSON.stringify(members),
        DRAIN_TIMEOUT: "20",
        ALLOW_DESTROY: "false",
        ...variables,
      }),
    resets: () => world.calls.filter(({ words }) => words.startsWith("reset")).map(({ address, words }) => `${address} ${words}`),
    changes: () => api.requests.filter((request) => !request.startsWith("GET")),
  };
}

/** What a node answers that is called so, and can be reset. */
export const called = (hostname: string) => ({
  "get hostname": prints.spec({ hostname }),
  "get volumestatus": prints.volumes(),
  reset: {},
});

/** A control plane node that is a member, with what it says of etcd. */
export const member = (own: number, ...members: EtcdMember[]) => ({
  ...answers.member,
  "get members": {},
  "etcd members": prints.members(...members),
  "etcd status": prints.etcdStatus(own, 0),
});

/** Until it is reset the node answers so; then it comes back in maintenance mode. */
export const resetting = (address: string, nodes: Phase["nodes"], then: Phase["nodes"] = nodes): Phase[] => [
  { until: "reset", after: [[address, "maintenance"]], nodes },
  { nodes: { ...then, [address]: answers.maintenance } },
];

/** A reset of the volumes that every node has. */
export const wipe = "--reboot --wait=false --system-labels-to-wipe STATE --system-labels-to-wipe EPHEMERAL";
