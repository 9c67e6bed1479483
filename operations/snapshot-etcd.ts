import { statusAilment } from "./lib/etcd/ailments.ts";
import { memberStatus } from "./lib/etcd/members.ts";
import { newestSnapshot, takeSnapshot } from "./lib/etcd/snapshot.ts";
import { type Examined, examine, isAsDeclared, type ListedNode, movesKubernetes, nodeProblems } from "./lib/node/examination.ts";
import { foreignNodes, remarks } from "./lib/node/foreign.ts";
import { nameOf } from "./lib/node/machine.ts";
import { Failure } from "./lib/script/failure.ts";
import { clusterVariables, Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import type { Look } from "./lib/script/wait.ts";
import { talosctlProblem } from "./lib/talosctl/version.ts";

await script({
  name: "snapshot-etcd",
  summary: "Before versions change: checks every node's path, then keeps a snapshot of etcd. Prints the newest snapshot's path alone.",
  variables: [...clusterVariables, "NODES", "TALOS_VERSION", "KUBERNETES_VERSION", "BACKUP_DIR", "ALLOW_DOWNGRADE"],
  options: [{ flags: "--now", description: "keeps one where nothing is to change, too: a backup" }],
  run: async (env, signal, { now }) => {
    const operation = new Operation(env, signal);
    await operation.begin();
    const nodes = await operation.wait(
      `the control plane nodes of ${env.CLUSTER_NAME}`,
      () => examineAll(operation, env.NODES),
      "Before versions change each of them has to answer; repair those nodes, or take them out of the stack file.",
    );
    if (!nodes.some(isMember)) return ""; // there is no cluster yet, and nothing to keep
    const take = async (label: string) => {
      const address = await operation.wait("an etcd member that can be copied", () => wellMember(operation, nodes));
      return takeSnapshot(operation, address, env.BACKUP_DIR, label);
    };
    if (now) return take("by-hand");
    for (const { node, is } of nodes) if (is.found === "unknown") operation.say(`${nameOf(node)} is not checked: ${is.why}`);

    const declared = { talos: env.TALOS_VERSION, kubernetes: env.KUBERNETES_VERSION, allowDowngrade: env.ALLOW_DOWNGRADE };
    if (nodes.every((one) => isAsDeclared(one, declared))) return newestSnapshot(env.BACKUP_DIR, env.CLUSTER_NAME) ?? "";
    const old = await talosctlProblem(operation, nodes.some((one) => movesKubernetes(one, declared)) ? [declared.talos] : []);
    const problems = [...(old ? [`${old}.`] : []), ...nodeProblems(nodes, declared)];
    if (problems.length > 0) throw new Failure(`No node was touched, for there is no way to what is declared:\n${problems.join("\n")}`);

    return take(`before-talos-${declared.talos}-kubernetes-${declared.kubernetes}`);
  },
});

/** Looks at every node. A control plane node that does not answer is waited for; a worker may be switched off, and is not. */
async function examineAll(operation: Operation, nodes: readonly ListedNode[]): Promise<Look<Examined[]>> {
  const all = await Promise.all(nodes.map((node) => examine(operation, node)));
  const found = (what: "foreign" | "unknown") =>
    all.flatMap(({ node, is }) => ("why" in is && is.found === what ? [{ node, why: is.why }] : []));
  const foreign = found("foreign");
  if (foreign.length > 0) throw foreignNodes(`No node of ${operation.env.CLUSTER_NAME} was touched`, foreign);
  const silent = found("unknown").filter(({ node }) => node.role === "controlplane");
  return silent.length > 0 ? { pending: remarks(silent) } : { done: all };
}

function isMember({ is }: Examined): boolean {
  return is.found === "running" && is.member;
}

async function wellMember(operation: Operation, nodes: readonly Examined[]): Promise<Look<string>> {
  const problems: string[] = [];
  for (const { node } of nodes.filter(isMember)) {
    const problem = statusAilment(await memberStatus(operation, node.address));
    if (!problem) return { done: node.address };
    problems.push(`${nameOf(node)} ${problem}`);
  }
  return { pending: problems.join("; ") };
}
