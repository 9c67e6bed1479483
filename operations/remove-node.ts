import { membersBy, removalOf, removeMember } from "./lib/etcd/leave.ts";
import { etcdState } from "./lib/etcd/state.ts";
import { evacuate } from "./lib/kubernetes/evacuation.ts";
import { isForgotten, type Losable, unmarkForgotten } from "./lib/kubernetes/forgotten.ts";
import { deleteNode, throughOthers } from "./lib/kubernetes/node-object.ts";
import { throughKubernetes } from "./lib/kubernetes/peers.ts";
import { whyNotInOrder } from "./lib/node/disorder.ts";
import { leavingNode, leavingVariables } from "./lib/node/leaving-node.ts";
import { identify, nameOf, occupantOf } from "./lib/node/machine.ts";
import { assertUnborne } from "./lib/node/unborne-name.ts";
import { nodeVolumes } from "./lib/node/volumes.ts";
import type { Node } from "./lib/script/environment.ts";
import { Failure } from "./lib/script/failure.ts";
import { Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import { type Look, lookAt } from "./lib/script/wait.ts";

/** What came of a machine, by who was there. */
const machine = { ours: "was reset", maintenance: "was in maintenance mode already", lost: "is lost, as a person said" };

await script({
  name: "remove-node",
  summary:
    "Takes a node out of the cluster: its pods, etcd, its configuration and data, its Kubernetes Node. It does nothing but `delete`.",
  variables: [...leavingVariables, "DRAIN_TIMEOUT", "ALLOW_DESTROY"],
  delete: async (env, signal) => {
    const { node, peers } = leavingNode(env);
    const operation = new Operation(env, signal);
    await operation.begin();
    // The engine deletes side by side what no edge of the state orders: a node that an earlier run left, and one that goes now.
    await operation.takeTurn(`the removal of ${nameOf(node)}`);

    const whole = env.ALLOW_DESTROY && operation.destroysAll;
    const found = await operation.wait(nameOf(node), () => whoIsThere(operation, node, peers), lostRemedy(node, whole));
    if (typeof found === "object") {
      await assertUnborne(operation, node, found.called, env.CONTROL_PLANE);
      return `Nothing was removed: nobody is called ${node.hostname}, and ${found.called} stays at ${node.address}.`;
    }
    const disorder = whole ? await whyNotInOrder(operation, node, env.CONTROL_PLANE) : undefined;
    if (disorder) {
      operation.say(`${nameOf(node)} does not leave in good order, since all of the cluster goes: ${disorder}`);
      if (found === "ours") await reset(operation, node, "last");
      return `${nameOf(node)} ${machine[found]}; its cluster, which is destroyed, was not told.`;
    }
    if (found === "ours") {
      const leave = () => (node.role === "worker" ? "graceful" : howToLeaveEtcd(operation, node, peers, env.ALLOW_DESTROY));
      await leave(); // a refusal comes before anything is moved
      if (env.ALLOW_DESTROY) operation.say(`${nameOf(node)} is not drained, since the cluster may be destroyed (allowDestroy)`);
      else {
        const how = { by: "remove-node", timeout: env.DRAIN_TIMEOUT, returns: false } as const;
        await evacuate(operation, node, throughOthers(operation, node, peers), how);
      }
      await reset(operation, node, await leave());
    }
    const etcd = node.role === "worker" || found === "lost" ? undefined : await removeMember(operation, node, peers);
    const kubernetes = await deleteNode(operation, node, peers);
    await forgive(operation, node, peers);
    return `${nameOf(node)} ${[machine[found], etcd, kubernetes].filter((part) => part !== undefined).join("; ")}.`;
  },
});

/** Who is there: what has been declared in its place since must not be reset for it. */
async function whoIsThere(
  operation: Operation,
  node: Losable,
  peers: readonly Node[],
): Promise<Look<"ours" | "maintenance" | "lost" | { readonly called: string }>> {
  const found = await occupantOf(operation, node);
  if (found.is === "another") return { done: { called: found.called } };
  if (found.is !== "unknown" && found.is !== "foreign") return { done: found.is };
  const forgotten = await isForgotten(operation, node, peers);
  if ("value" in forgotten && forgotten.value) return { done: "lost" };
  if (found.is === "unknown") return { pending: found.why };
  throw new Failure(`${nameOf(node)} is left alone: ${found.why}. ${lostRemedy(node)}`);
}

/** How the node leaves etcd. Waits until etcd keeps its quorum without it, as its members say; the last one ends the cluster. */
async function howToLeaveEtcd(operation: Operation, node: Node, peers: readonly Node[], mayEnd: boolean): Promise<"graceful" | "last"> {
  return operation.wait(
    `etcd to be able to do without ${nameOf(node)}`,
    async (): Promise<Look<"graceful" | "last">> => {
      const { state, why } = await etcdState(operation, node);
      if (state === "waiting") return { done: "last" }; // it has no data and is no member: there is nothing to leave
      if (state !== "member") return { pending: why };
      const told = await membersBy(operation, [node, ...peers]);
      if (!told || "problem" in told) return { pending: `its members are not known: ${told?.problem ?? "nobody has an etcd"}` };
      const verdict = await removalOf(operation, told.value, node);
      if ("problem" in verdict) return { pending: verdict.problem };
      const { removal } = verdict.value;
      if (removal === "refused") return { pending: verdict.value.why };
      if (removal === "graceful" || mayEnd) return { done: removal };
      throw new Failure(
        `${nameOf(node)} is not removed: it is the last etcd member, and the cluster would end with it. To replace it add another control ` +
          "plane node first; to destroy the cluster: npx pulumi config set allowDestroy true && npm run up, and then npm run destroy.",
      );
    },
    "It is not removed. Repair etcd first, then run this again.",
  );
}

/** Wipes configuration and data, and waits until the machine is back in maintenance mode. Talos itself stays installed. */
async function reset(operation: Operation, node: Node, removal: "graceful" | "last"): Promise<void> {
  operation.fence();
  operation.say(`resetting ${nameOf(node)}`);
  const labels = await operation.wait(`the volumes of ${nameOf(node)}`, async () => lookAt(await nodeVolumes(operation, node.address)));
  const wipe = labels.flatMap((label) => ["--system-labels-to-wipe", label]);
  const args = ["reset", `--graceful=${removal === "graceful"}`, "--reboot", "--wait=false", ...wipe];
  const asked = await operation.talosctl.node(node.address, args, { changes: true });
  if (!asked.ok) throw new Failure(`${nameOf(node)} did not accept its reset: ${asked.problem}`);

  await operation.wait(
    `${nameOf(node)} to come back in maintenance mode`,
    async () => {
      const machine = await identify(operation, node);
      if (machine.is === "maintenance") return { done: undefined };
      return { pending: machine.is === "ours" ? "it is being reset" : machine.why };
    },
    `See its console, or talosctl -n ${node.address} dmesg. One that had this address by its config alone waits in maintenance mode at another: have ` +
      "the router's DHCP give it this one and reboot it. Running this again carries on.",
  );
}

/** Takes the mark away that the node is lost: it is over, and another may bear its name one day. */
async function forgive(operation: Operation, node: Node, peers: readonly Node[]): Promise<void> {
  const outcome = await throughKubernetes(operation, peers, (kubernetes) => {
    operation.fence();
    return unmarkForgotten(kubernetes, node);
  });
  if (outcome && "problem" in outcome) operation.say(`that ${nameOf(node)} was lost stays on record: ${outcome.problem}`);
}

function lostRemedy({ hostname, address }: Node, whole = false): string {
  const noQuorum =
    " Where etcd has no quorum nothing can be forgotten: wipe the machine by hand, take its removal out of the state (npx pulumi state delete, " +
    "its name is in npx pulumi stack --show-urns), and destroy again.";
  return (
    `Is it switched on, and reachable from here at ${address}? If the machine is lost for good, nobody can reset it: say so with ` +
    `npm run operation -- forget-node ${hostname} --lost ${hostname}, then run this again.${whole ? noQuorum : ""}`
  );
}
