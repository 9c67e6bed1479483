import { removeMember } from "./lib/etcd/leave.ts";
import { unlessAbsent, whyNotReady } from "./lib/kubernetes/client.ts";
import { markForgotten } from "./lib/kubernetes/forgotten.ts";
import { deleteNode } from "./lib/kubernetes/node-object.ts";
import { throughKubernetes } from "./lib/kubernetes/peers.ts";
import { handshake } from "./lib/node/handshake.ts";
import { leavingNode, leavingVariables } from "./lib/node/leaving-node.ts";
import { identify, nameOf } from "./lib/node/machine.ts";
import type { Node } from "./lib/script/environment.ts";
import { exits, Failure } from "./lib/script/failure.ts";
import { GracePeriod } from "./lib/script/grace-period.ts";
import { Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import { type Look, lookAt } from "./lib/script/wait.ts";

await script({
  name: "forget-node",
  summary: "Takes a node out of the cluster whose machine is lost for good: its etcd member and its Kubernetes Node, through the others.",
  variables: leavingVariables,
  options: [{ flags: "--lost <hostname>", description: "your word that this machine is lost and will never come back with its disk" }],
  run: async (env, signal, { lost }) => {
    const { node, peers } = leavingNode(env);
    if (lost !== node.hostname) {
      const said = lost === undefined ? "nobody has said so" : `--lost says ${lost}`;
      throw new Failure(
        `Is ${nameOf(node)} lost? Here ${said}. If it is, for good, with its disk: --lost ${node.hostname}. If it only has a new disk, raise ` +
          "its generation in the stack file instead.",
        exits.badInput,
      );
    }
    const operation = new Operation(env, signal);
    await operation.begin();

    await silence(operation, node, peers);
    const etcd = node.role === "worker" ? undefined : await removeMember(operation, node, peers);
    const kubernetes = await deleteNode(operation, node, peers);
    await operation.wait(`${nameOf(node)} to be marked as lost in the cluster`, async () => {
      const marked = await throughKubernetes(operation, peers, (api) => {
        operation.fence();
        return markForgotten(api, node);
      });
      return lookAt(marked ?? { problem: "no control plane node is left" });
    });
    return (
      `${nameOf(node)} is forgotten: ${[etcd, kubernetes].filter((part) => part !== undefined).join("; ")}. ` +
      "Now take it out of the stack file, or raise its generation when another machine has its place: then npm run up."
    );
  },
});

/** Waits until neither the machine itself nor its kubelet gives a sign of life for a while, in which one that only reboots would; fails where one does. */
async function silence(operation: Operation, node: Node, peers: readonly Node[]): Promise<void> {
  const silence = new GracePeriod(operation.gracePeriod);
  await operation.wait(
    `${nameOf(node)} to give no sign of life`,
    async (): Promise<Look<void>> => {
      await refuseAnswering(operation, node);
      const left = silence.left();
      const kubelet = await kubeletReports(operation, node, peers);
      if (kubelet) return { pending: kubelet };
      return left === 0 ? { done: undefined } : { pending: `it is to be silent for ${Math.ceil(operation.gracePeriod)} s` };
    },
    "It may not be lost: nothing was changed.",
  );
}

async function refuseAnswering(operation: Operation, node: Node): Promise<void> {
  const { answer } = await handshake(node.address, { signal: operation.signal });
  if (answer === "none") return;
  const machine = await identify(operation, node);
  // Somebody else's machine is at its address: it says nothing of ours.
  if (machine.is === "foreign") return;
  const where =
    machine.is === "maintenance" ? "is in maintenance mode, so it is there and empty: raise its generation in" : "answers: take it out of";
  throw new Failure(`${nameOf(node)} is not lost. It ${where} the stack file, then npm run up. Nothing was changed.`);
}

/** Why the cluster takes the node for alive, or may; undefined where it does not. */
async function kubeletReports(operation: Operation, node: Node, peers: readonly Node[]): Promise<string | undefined> {
  const reply = await throughKubernetes(operation, peers, (kubernetes) =>
    kubernetes.core(async (api) => {
      const found = await unlessAbsent(api.readNode({ name: node.hostname }));
      return found !== undefined && whyNotReady(found) === undefined;
    }),
  );
  if (!reply) return "no control plane node is left through which it could be forgotten";
  if ("problem" in reply) return reply.problem;
  return reply.value ? "Kubernetes has it as Ready still: its kubelet reported not long ago" : undefined;
}
