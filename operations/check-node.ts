import { declaredMachine } from "./lib/declared.ts";
import { nameOf } from "./lib/machine.ts";
import { clusterVariables, Operation } from "./lib/operation.ts";
import { script } from "./lib/script.ts";

await script({
  name: "check-node",
  summary: "Finds out whose a machine is, before anything is applied to it: nobody's or this cluster's will do.",
  variables: [...clusterVariables, "NODE_HOSTNAME", "NODE_ADDRESS"],
  run: async (env, signal) => {
    const node = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS };
    const operation = new Operation(env, signal);
    await operation.begin();
    const found = await declaredMachine(operation, node);
    return `${nameOf(node)} is ${found === "ours" ? `${env.CLUSTER_NAME}'s` : "in maintenance mode, free to be configured"}.`;
  },
});
