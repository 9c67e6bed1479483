import type { Node, Variable } from "./lib/environment.ts";
import { judgeRemoval, type Member, memberAnswers, membersOf, type Removal } from "./lib/etcd-members.ts";
import { etcdState } from "./lib/etcd-state.ts";
import { Failure } from "./lib/failure.ts";
import { hostnameOf, identify, isCalled, nameOf } from "./lib/machine.ts";
import { deleteNode } from "./lib/node-object.ts";
import { clusterVariables, Operation } from "./lib/operation.ts";
import { script } from "./lib/script.ts";
import type { Look } from "./lib/wait.ts";

const variables = [...clusterVariables, "NODE_HOSTNAME", "NODE_ADDRESS", "NODE_ROLE", "CONTROL_PLANE"] as const satisfies Variable[];

await script({
  name: "remove-node",
  summary: "Takes a node out of the cluster: etcd, its configuration and data, its Kubernetes Node. Without `delete` it does nothing.",
  variables,
  run: ({ NODE_HOSTNAME: hostname, NODE_ADDRESS: address }) =>
    `${nameOf({ hostname, address })} is reset when it is removed from the stack file.`,
  delete: async (env, signal) => {
    const node = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS };
    const peers = env.CONTROL_PLANE.filter(({ address }) => address !== node.address);
    const operation = new Operation(env, signal);
    await operation.begin();

    const found = await operation.wait(nameOf(node), () => whoIsThere(operation, node), lostRemedy(node));
    if (found === "ours") {
      const removal = env.NODE_ROLE === "worker" ? "graceful" : await howToLeaveEtcd(operation, node, peers);
      await reset(operation, node, removal);
    }
    const kubernetes = await deleteNode(operation, node, peers);
    const machine = found === "ours" ? "was reset" : "was in maintenance mode already";
    return `${nameOf(node)} ${machine}; ${kubernetes}.`;
  },
});

/** Whether the node itself is there: what has been declared in its place since must not be reset for it. */
async function whoIsThere(operation: Operation, node: Node): Promise<Look<"ours" | "maintenance">> {
  const machine = await identify(operation, node);
  if (machine.is === "unknown") return { pending: machine.why };
  if (machine.is === "maintenance") return { done: "maintenance" };
  if (machine.is === "foreign") throw new Failure(`${nameOf(node)} is left alone: ${machine.why}. ${lostRemedy(node)}`);

  const called = await hostnameOf(operation, node.address);
  if ("why" in called) return { pending: called.why };
  if (isCalled(called.names, node.hostname)) return { done: "ours" };
  throw new Failure(
    `${nameOf(node)} is left alone: the machine at that address is now ${called.names[0]}. ` +
      `Give ${called.names[0]} another address, or take it out of the stack file until ${node.hostname} is removed.`,
  );
}

/** Whether the node can leave etcd in good order; refuses what would cost the quorum, and what cannot be told. */
async function howToLeaveEtcd(operation: Operation, node: Node, peers: readonly Node[]): Promise<Exclude<Removal["removal"], "refused">> {
  const own = await operation.wait(`etcd on ${nameOf(node)}`, async () => {
    const { state, why } = await etcdState(operation, node);
    return state === "unknown" ? { pending: why } : { done: state };
  });
  if (own === "waiting") return "last"; // it has no data and is no member: there is nothing to leave

  const problems: string[] = [];
  for (const one of [node, ...peers]) {
    const members = await membersOf(operation, one.address);
    if ("problem" in members) {
      problems.push(`${nameOf(one)}: ${members.problem}`);
      continue;
    }
    const answers = new Map<Member, boolean>();
    await Promise.all(members.value.map(async (member) => answers.set(member, await memberAnswers(operation, member))));
    const verdict = judgeRemoval(members.value, node, (member) => answers.get(member) === true);
    if (verdict.removal !== "refused") return verdict.removal;
    throw new Failure(
      `${nameOf(node)} is not removed, etcd would lose its quorum: ${verdict.why}. Repair those first, then run this again.`,
    );
  }
  throw new Failure(
    `${nameOf(node)} is not removed, because etcd's members are not known: ${problems.join("; ")}. Repair etcd first, then run this again.`,
  );
}

/** Wipes configuration and data, and waits until the machine is back in maintenance mode. Talos itself stays installed. */
async function reset(operation: Operation, node: Node, removal: "graceful" | "last"): Promise<void> {
  operation.fence();
  operation.say(`resetting ${nameOf(node)}`);
  const wipe = ["--system-labels-to-wipe", "STATE", "--system-labels-to-wipe", "EPHEMERAL"];
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
    `See its console, or talosctl -n ${node.address} dmesg. Running this again carries on.`,
  );
}

function lostRemedy({ hostname, address }: Node): string {
  return (
    `If the machine at ${address} is lost for good, nobody can reset it: remove its etcd member (talosctl etcd remove-member) and its Node ` +
    `(kubectl delete node ${hostname}) through a control plane node that runs, then take its NodeRemoval out of the state (pulumi state delete).`
  );
}
