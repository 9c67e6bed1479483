import { nodename } from "../cluster/nodename.ts";
import { Kubernetes } from "./lib/kubernetes/client.ts";
import { uncordon } from "./lib/kubernetes/cordon.ts";
import { networkOn } from "./lib/kubernetes/network.ts";
import { clusterVariables, Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import type { Look } from "./lib/script/wait.ts";

await script({
  name: "wait-node-ready",
  summary: "Waits until a node is Ready and the pod of its network plugin is ready on it, and opens one that a script had cordoned.",
  variables: [...clusterVariables, "NODE_HOSTNAME", "API_ADDRESS"],
  run: async (env, signal) => {
    const name = nodename({ hostname: env.NODE_HOSTNAME });
    const operation = new Operation(env, signal);
    await operation.begin();
    let kubernetes: Kubernetes | undefined;
    return operation.wait(
      `node ${name} to be Ready`,
      async (): Promise<Look<string>> => {
        if (!kubernetes) {
          const reply = await Kubernetes.at(operation, env.API_ADDRESS);
          if ("problem" in reply) return { pending: `${env.API_ADDRESS}: ${reply.problem}` };
          kubernetes = reply.value;
        }
        // The network first: until it is there no node is Ready, and it says more.
        const network = await networkOn(kubernetes, name);
        if ("problem" in network) return { pending: network.problem };
        if (network.value.is !== "ready") return { pending: network.value.why };
        const notReady = await kubernetes.nodeNotReady(name);
        if ("problem" in notReady) return { pending: notReady.problem };
        if (notReady.value) return { pending: notReady.value };
        // A node that a script took away, and that came back empty, has been set up anew since: its Node is still the cordoned one.
        operation.fence();
        const opened = await uncordon(kubernetes, name);
        if ("problem" in opened) return { pending: opened.problem };
        return { done: `Node ${name} is Ready, and so is its network.` };
      },
      `See kubectl describe node ${name}, and the pods on it.`,
    );
  },
});
