import { Failure } from "./lib/failure.ts";
import { hostnameOf, identify, isCalled, nameOf } from "./lib/machine.ts";
import { clusterVariables, Operation } from "./lib/operation.ts";
import { script } from "./lib/script.ts";
import type { Look } from "./lib/wait.ts";

await script({
  name: "check-node",
  summary: "Finds out whose a machine is, before anything is applied to it: nobody's or this cluster's will do.",
  variables: [...clusterVariables, "NODE_HOSTNAME", "NODE_ADDRESS"],
  run: async (env, signal) => {
    const node = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS };
    const operation = new Operation(env, signal);
    await operation.begin();
    const remedy = "Is it switched on, at that address, and reachable from here on port 50000?";
    return operation.wait(
      nameOf(node),
      async (): Promise<Look<string>> => {
        const machine = await identify(operation, node);
        if (machine.is === "unknown") return { pending: machine.why };
        if (machine.is === "foreign") {
          throw new Failure(
            `${nameOf(node)} is not ${env.CLUSTER_NAME}'s: ${machine.why}. Is the address right, and the secrets bundle this cluster's? ` +
              "A machine that is to change clusters has to be reset there first (talosctl reset).",
          );
        }
        if (machine.is === "maintenance") return { done: `${nameOf(node)} is in maintenance mode, free to be configured.` };

        const called = await hostnameOf(operation, node.address);
        if ("why" in called) return { pending: called.why };
        if (!isCalled(called.names, node.hostname)) {
          throw new Failure(
            `The machine at ${node.address} is ${env.CLUSTER_NAME}'s node ${called.names[0]}, and is declared as ${node.hostname}. ` +
              "A node is not renamed: remove it from the stack file, run pulumi up, then add it under its new name.",
          );
        }
        return { done: `${nameOf(node)} is ${env.CLUSTER_NAME}'s.` };
      },
      remedy,
    );
  },
});
