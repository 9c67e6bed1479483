import type { Problem } from "./problems.ts";
import type { Cluster } from "./schema.ts";

/** What is allowed and works, but is probably not what its owner wants. It is said in every preview and stops nothing. */
export function cautions({ nodes }: Pick<Cluster, "nodes">): Problem[] {
  const members = nodes.filter((node) => node.role === "controlplane").length;
  if (members % 2 === 1) return [];
  return [
    {
      path: "nodes",
      repair:
        `${members} control plane nodes survive the loss of no more of them than ${members - 1} do, and there is one more to lose: ` +
        `have ${members - 1} or ${members + 1}. A new cluster is not started with an even number`,
    },
  ];
}
