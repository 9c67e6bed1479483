import { apiServerAt } from "../cluster/ports.ts";
import { ownAilment } from "./lib/etcd/ailments.ts";
import type { ApiClient } from "./lib/kubernetes/api.ts";
import { uncordon } from "./lib/kubernetes/cordon.ts";
import { networkOn } from "./lib/kubernetes/network.ts";
import { byItself, type NodeObject } from "./lib/kubernetes/node-object.ts";
import { nameOf } from "./lib/node/machine.ts";
import { clusterVariables, Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import type { Look } from "./lib/script/wait.ts";
import type { Reply } from "./lib/talosctl/reply.ts";

await script({
  name: "wait-node-ready",
  summary:
    "Waits until a node is Ready, its network plugin's pod is ready and its etcd member has a vote; opens one that a script had cordoned.",
  variables: [...clusterVariables, "NODE_HOSTNAME", "NODE_ADDRESS", "NODE_ROLE", "API_ADDRESS"],
  run: async (env, signal) => {
    const node = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS, role: env.NODE_ROLE, endpoint: apiServerAt(env.API_ADDRESS) };
    const operation = new Operation(env, signal);
    await operation.begin();
    const find = byItself(operation, node);
    let known: NodeObject | undefined;
    return operation.wait(
      `${nameOf(node)} to be Ready`,
      async (): Promise<Look<string>> => {
        const found = known ? { value: known } : await find();
        if ("problem" in found) return { pending: found.problem };
        known = undefined; // who gives no answer may be gone for long: another one is looked for then
        const why = await whyNotReady(found.value);
        if ("problem" in why) return { pending: why.problem };
        known = found.value;
        if (why.value) return { pending: why.value };
        const etcd = await whyNoVote(operation, node);
        if (etcd) return { pending: etcd };
        // A node that a script took away, and that came back empty, has been set up anew since: its Node is still the cordoned one.
        operation.fence();
        const opened = await uncordon(known.kubernetes, known.name);
        if ("problem" in opened) return { pending: opened.problem };
        return {
          done: `${nameOf(node)} is Ready, and so ${node.role === "worker" ? "is its network" : "are its network and its etcd member"}.`,
        };
      },
      `See talosctl -n ${node.address} service${node.role === "worker" ? "" : " and etcd members"}, its Node in Kubernetes and the pods on it.`,
    );
  },
});

/** A control plane node joins etcd as a learner: until it has a vote, etcd has no quorum but that of the others, and the next loss may end it. */
async function whyNoVote(operation: Operation, { address, role }: ApiClient): Promise<string | undefined> {
  if (role === "worker") return undefined;
  const ailment = await ownAilment(operation, address);
  return "problem" in ailment ? ailment.problem : ailment.value && `its etcd member ${ailment.value}`;
}

/** The network first: until it is there no node is Ready, and it says more. */
async function whyNotReady({ kubernetes, name }: NodeObject): Promise<Reply<string | undefined>> {
  const network = await networkOn(kubernetes, name);
  if ("problem" in network) return network;
  return network.value.is === "ready" ? kubernetes.nodeNotReady(name) : { value: network.value.why };
}
