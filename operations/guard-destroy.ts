import { Failure } from "./lib/script/failure.ts";
import { script } from "./lib/script/script.ts";

await script({
  name: "guard-destroy",
  summary: "Stands at an end of the graph, so that a cluster is destroyed only after somebody has said so. It does nothing but `delete`.",
  variables: ["CLUSTER_NAME", "ALLOW_DESTROY"],
  delete: ({ CLUSTER_NAME, ALLOW_DESTROY }) => {
    if (ALLOW_DESTROY) return `Cluster ${CLUSTER_NAME} is free to be destroyed.`;
    throw new Failure(
      `Cluster ${CLUSTER_NAME} is guarded. To destroy it: npx pulumi config set allowDestroy true && npm run up, and then npm run destroy. ` +
        "Where that up fails at a node that is beyond help, go on with npm run up -- --target '**guard-last-command'.",
    );
  },
});
