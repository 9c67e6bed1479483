import { Kubernetes } from "./lib/kubernetes/client.ts";
import { nameOf } from "./lib/node/machine.ts";
import { clusterVariables, Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import type { Look } from "./lib/script/wait.ts";

await script({
  name: "wait-api",
  summary: "Waits until the Kubernetes API server of a control plane node is ready, at that node's address.",
  variables: [...clusterVariables, "NODE_HOSTNAME", "NODE_ADDRESS"],
  run: async (env, signal) => {
    const node = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS };
    const operation = new Operation(env, signal);
    await operation.begin();
    let kubernetes: Kubernetes | undefined;
    return operation.wait(
      `the API server of ${nameOf(node)}`,
      async (): Promise<Look<string>> => {
        if (!kubernetes) {
          const reply = await Kubernetes.at(operation, node.address);
          if ("problem" in reply) return { pending: reply.problem };
          kubernetes = reply.value;
        }
        const ready = await kubernetes.ready();
        return "problem" in ready ? { pending: ready.problem } : { done: `The API server of ${nameOf(node)} is ready.` };
      },
      `See talosctl -n ${node.address} service, and the logs of etcd and kube-apiserver there.`,
    );
  },
});
