import { sameHostname } from "../hostname.ts";
import { differs, type Finding } from "./finding.ts";

/** What the cluster itself counts as belonging to it. */
export interface ClusterSight {
  /** etcd's members: their names, or where they are, as long as they have none. */
  readonly members: readonly string[];
  /** The names of the Kubernetes Nodes. */
  readonly nodes: readonly string[];
}

/** What of the cluster no declared node accounts for. */
export function judgeCluster(declared: readonly { hostname: string; address: string }[], seen: ClusterSight): Finding[] {
  const own = declared.flatMap(({ hostname, address }) => [hostname, address]);
  const strangers = (names: readonly string[]) => names.filter((name) => !own.some((known) => sameHostname(known, name)));
  return [
    ...strangers(seen.members).map((name) =>
      differs(
        "etcd",
        "member",
        `etcd has a member ${name} that is not declared`,
        "npm run up removes what the stack has made; anything else: talosctl etcd remove-member, once you know what it is",
      ),
    ),
    ...strangers(seen.nodes).map((name) =>
      differs(
        "Node",
        "Node",
        `the cluster has a Node ${name} that is not declared`,
        `npm run up removes what the stack has made; anything else: kubectl delete node ${name}, once you know what it is`,
      ),
    ),
  ];
}
