import type { V1Node } from "@kubernetes/client-node";
import { kubernetesPath } from "../../../cluster/upgrade-path.ts";
import { pairProblem, parseVersion } from "../../../cluster/versions.ts";
import { nameOf } from "../node/machine.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { lookAt } from "../script/wait.ts";
import { talosctlProblem } from "../talosctl/version.ts";
import type { Kubernetes } from "./client.ts";
import { hasNetwork } from "./network.ts";
import { type Surveyed, versionsIn } from "./survey.ts";

/** How many minors a kubelet may be behind its API server: kubernetes.io/releases/version-skew-policy. */
const kubeletLag = 3;

/** Throws a Failure that names all that speaks against an upgrade of the control plane, before anything is changed. */
export async function checkUpgrade(
  operation: Operation,
  kubernetes: Kubernetes,
  survey: readonly Surveyed[],
  version: string,
): Promise<void> {
  const nodes = await operation.wait("the list of Nodes", async () =>
    lookAt(await kubernetes.core(async (api) => (await api.listNode()).items)),
  );
  const network = await operation.wait("the list of pods", async () => lookAt(await hasNetwork(kubernetes)));
  const problems = [...pathProblems(survey, version), ...kubeletProblems(nodes, version)];
  if (!network) {
    const { known } = versionsIn(survey);
    problems.push(
      `No node runs a network plugin yet, and without one no upgrade of Kubernetes passes: install it with kubernetesVersion ${known.at(-1)}, then upgrade`,
    );
  }
  const old = await talosctlProblem(
    operation,
    survey.map(({ talos }) => talos),
  );
  if (old) problems.push(old);
  if (problems.length === 0) return;
  throw new Failure(
    `The control plane of ${operation.env.CLUSTER_NAME} keeps its version. ${problems.map((problem) => `${problem}.`).join(" ")}`,
  );
}

/** What speaks against the way from the versions that run to the declared one, and against their pair with each node's Talos. */
export function pathProblems(survey: readonly Surveyed[], version: string): string[] {
  const { known, unknown } = versionsIn(survey);
  return [
    ...unknown.map((image) => `Of ${image} the version cannot be told: its tag has to be one, such as v1.36.3`),
    ...new Set(known.flatMap((running) => kubernetesPath(running, version) ?? [])),
    ...survey.flatMap(({ node, talos }) => {
      const problem = pairProblem(talos, version);
      return problem ? [`${nameOf(node)} runs Talos ${talos}: ${problem}`] : [];
    }),
  ];
}

/** Kubelets that the new API servers would be too new for. */
export function kubeletProblems(nodes: readonly V1Node[], version: string): string[] {
  const { minor } = parseVersion(version);
  const behind = nodes.filter(({ status }) => {
    const kubelet = status?.nodeInfo?.kubeletVersion;
    return kubelet !== undefined && minor - parseVersion(kubelet).minor > kubeletLag;
  });
  if (behind.length === 0) return [];
  const names = behind.map(({ metadata, status }) => `${metadata?.name} (${status?.nodeInfo?.kubeletVersion})`).join(", ");
  return [`Kubelets may be ${kubeletLag} minor versions behind, and these would be more: ${names}; bring those nodes up first`];
}
