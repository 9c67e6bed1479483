import type { Reply } from "../reply.ts";
import type { Finding } from "./finding.ts";
import { type ClusterSight, judgeCluster } from "./judge-cluster.ts";
import { judgeNode } from "./judge-node.ts";
import type { Comparison } from "./machine-config.ts";
import type { DeclaredSight, NodeSight } from "./sight.ts";
import { type State, worst } from "./state.ts";

/** A declared node with what came of looking at it. */
export interface NodeStatus extends DeclaredSight {
  readonly state: State;
  readonly findings: readonly Finding[];
  /** Both configs, redacted, where they differ. */
  readonly config?: Comparison;
}

/** A cluster with what came of looking at it. */
export interface ClusterStatus {
  readonly clusterName: string;
  readonly state: State;
  readonly nodes: readonly NodeStatus[];
  /** What belongs to no declared node. */
  readonly findings: readonly Finding[];
}

/** Judges all that was seen. `cluster` is undefined where no control plane node could be asked for it, which those nodes then say. */
export function judge(
  clusterName: string,
  sights: readonly { readonly declared: DeclaredSight; readonly seen: NodeSight }[],
  cluster: ClusterSight | undefined,
): ClusterStatus {
  const nodes = sights.map(({ declared, seen }) => {
    const findings = judgeNode(declared, seen);
    const config = differing(seen.config);
    return { ...declared, state: worst(findings.map(({ state }) => state)), findings, ...(config ? { config } : {}) };
  });
  const findings = cluster ? judgeCluster(nodes, cluster) : [];
  return { clusterName, state: worst([...nodes, ...findings].map(({ state }) => state)), nodes, findings };
}

function differing(config: Reply<Comparison> | undefined): Comparison | undefined {
  return config && "value" in config && config.value.declared !== config.value.running ? config.value : undefined;
}
