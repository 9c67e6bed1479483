import { Failure } from "./lib/failure.ts";
import { script } from "./lib/script.ts";

await script({
  name: "guard-destroy",
  summary: "Stands at an end of the graph, so that a cluster is destroyed only after somebody has said so.",
  variables: ["CLUSTER_NAME", "ALLOW_DESTROY"],
  run: ({ CLUSTER_NAME, ALLOW_DESTROY }) =>
    ALLOW_DESTROY ? `Cluster ${CLUSTER_NAME} may be destroyed.` : `Cluster ${CLUSTER_NAME} is guarded against being destroyed.`,
  delete: ({ CLUSTER_NAME, ALLOW_DESTROY }) => {
    if (ALLOW_DESTROY) return `Cluster ${CLUSTER_NAME} is free to be destroyed.`;
    throw new Failure(
      `Cluster ${CLUSTER_NAME} is guarded. To destroy it: pulumi config set allowDestroy true && pulumi up, and then pulumi destroy.`,
    );
  },
});
