import { clusterMembers } from "./lib/etcd/cluster-members.ts";
import { awaitWholeEtcd } from "./lib/etcd/gate.ts";
import { kubernetesAt } from "./lib/kubernetes/api.ts";
import { checkUpgrade } from "./lib/kubernetes/checks.ts";
import { areAt, surveyOf } from "./lib/kubernetes/survey.ts";
import { runUpgrade, type Through } from "./lib/kubernetes/upgrade.ts";
import { nameOf } from "./lib/node/machine.ts";
import type { Node } from "./lib/script/environment.ts";
import { clusterVariables, Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import { type Look, lookAt } from "./lib/script/wait.ts";

await script({
  name: "upgrade-kubernetes",
  summary:
    "Brings API servers, controller managers and schedulers to a Kubernetes version, one node at a time. Kubelets follow with their nodes' configs.",
  variables: [...clusterVariables, "CONTROL_PLANE", "KUBERNETES_VERSION"],
  run: async (env, signal) => {
    const version = env.KUBERNETES_VERSION;
    const operation = new Operation(env, signal);
    await operation.begin();

    const members = await clusterMembers(operation, env.CONTROL_PLANE);
    const [first] = members;
    if (!first) return `Cluster ${env.CLUSTER_NAME} is new: it starts with Kubernetes ${version}.`;
    const survey = await operation.wait(`the control plane of ${env.CLUSTER_NAME}`, async () => lookAt(await surveyOf(operation, members)));
    const finished = survey.every(({ unfinished }) => !unfinished);
    if (finished && areAt(survey, version)) return `The control plane of ${env.CLUSTER_NAME} runs Kubernetes ${version}.`;

    const through = await operation.wait("the Kubernetes API of a control plane node", () => oneThatIsUp(operation, members));
    await checkUpgrade(operation, through.kubernetes, survey, version);
    await awaitWholeEtcd(operation, first);
    await runUpgrade(operation, through, survey, version);
    return `The control plane of ${env.CLUSTER_NAME} was upgraded to Kubernetes ${version}: ${members.map(nameOf).join(", ")}.`;
  },
});

/** The first member whose API server is ready. */
async function oneThatIsUp(operation: Operation, members: readonly Node[]): Promise<Look<Through>> {
  const problems: string[] = [];
  for (const node of members) {
    const reply = await kubernetesAt(operation, node.address);
    if ("value" in reply) return { done: { node, kubernetes: reply.value } };
    problems.push(`${nameOf(node)}: ${reply.problem}`);
  }
  return { pending: problems.join("; ") };
}
