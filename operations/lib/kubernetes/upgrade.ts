import { imagesIn, readImage } from "../../../cluster/kubernetes-images.ts";
import { apiServerAt } from "../../../cluster/ports.ts";
import { configsOf } from "../config/apply.ts";
import { nameOf } from "../node/machine.ts";
import { nodenameOf } from "../node/running.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { type Look, lookAt } from "../script/wait.ts";
import { asMergePatch, type Kubernetes } from "./client.ts";
import { staticPodProblem } from "./static-pods.ts";
import { areAt, type Surveyed, surveyOf, upgradeMark, versionsIn } from "./survey.ts";

/** Seconds. Many nodes may each pull three images over a slow line; that nothing happens is noticed much earlier. */
const longest = 4 * 3600;
/** Seconds for one image, during which talosctl says nothing. */
const longestPull = 600;
const remedy = "What was changed stays, and running this again carries on.";

/** The member through which an upgrade goes. */
export interface Through {
  readonly node: Node;
  readonly kubernetes: Kubernetes;
}

/**
 * Has talosctl bring the control plane to a version, node by node, and proves it. Kubelets are left out: their images and their configs change together.
 * Killed at any point it is found unfinished and begun again, and talosctl passes over what is done.
 */
export async function runUpgrade(operation: Operation, through: Through, survey: readonly Surveyed[], version: string): Promise<void> {
  await setMark(operation, through.kubernetes, through.node, version);
  const args = ["upgrade-k8s", ...(await argumentsFor(operation, through.node, survey, version))];
  operation.fence();
  const result = await operation.talosctl.node(through.node.address, args, {
    changes: true,
    timeout: longest,
    silence: Math.max(longestPull, operation.nodeTimeout),
    check: () => operation.fence(),
    progress: (line) => {
      const said = sayableLine(line);
      if (said) operation.say(said);
    },
  });
  if (!result.ok) {
    throw new Failure(
      `Kubernetes was not brought to ${version} everywhere: ${sayableLine(result.problem) ?? "talosctl failed"}. ${remedy}`,
    );
  }
  await prove(operation, through, survey, version);
  // A run that was killed may have gone through another node.
  for (const { node, unfinished } of survey) {
    if (unfinished || node.address === through.node.address) await setMark(operation, through.kubernetes, node, null);
  }
}

async function argumentsFor(operation: Operation, node: Node, survey: readonly Surveyed[], version: string): Promise<string[]> {
  const configs = await operation.wait(nameOf(node), async () => lookAt(await configsOf(operation, node)));
  const images = [...(survey[0]?.components ?? []).map(({ name, image }) => [name, image] as const)];
  const proxy = imagesIn(configs.active)["kube-proxy"];
  return [
    `--from=${versionsIn(survey).known[0]}`,
    `--to=${version}`,
    // The cluster's endpoint may be announced by what runs in the cluster.
    `--endpoint=${apiServerAt(node.address)}`,
    "--upgrade-kubelet=false",
    // As the declared config has it, so that nothing differs afterwards.
    "--with-docs=false",
    "--with-examples=false",
    // A registry of the owner's own stays.
    ...[...images, ["kube-proxy", proxy] as const].flatMap(([name, image]) => {
      const repository = image && readImage(image)?.repository;
      return repository ? [`--${name.replace(/^kube-(apiserver$)?/, "$1")}-image=${repository}`] : [];
    }),
  ];
}

/** The node that an upgrade goes through carries a mark until it is proved. */
async function setMark(operation: Operation, kubernetes: Kubernetes, node: Node, version: string | null): Promise<void> {
  const name = await operation.wait(nameOf(node), async () => lookAt(await nodenameOf(operation, node.address)));
  await operation.wait(`the Node of ${nameOf(node)} to be ${version ? "marked" : "unmarked"}`, async () => {
    operation.fence();
    return lookAt(
      await kubernetes.core(async (api) => {
        const body = { metadata: { annotations: { [upgradeMark]: version } } };
        await api.patchNode({ name, body }, await asMergePatch());
      }),
    );
  });
}

async function prove(operation: Operation, { kubernetes }: Through, survey: readonly Surveyed[], version: string): Promise<void> {
  const members = survey.map(({ node }) => node);
  await operation.wait(
    `the control plane to run Kubernetes ${version}`,
    async (): Promise<Look<void>> => {
      const now = await surveyOf(operation, members);
      if ("problem" in now) return { pending: now.problem };
      const problems: string[] = [];
      for (const { node } of now.value) {
        const problem = await staticPodProblem(operation, kubernetes, node.address);
        if (problem) problems.push(`${nameOf(node)}: ${problem}`);
      }
      if (problems.length > 0) return { pending: problems.join("; ") };
      return areAt(now.value, version) ? { done: undefined } : { pending: "an older image is configured still" };
    },
    remedy,
  );
}

/**
 * What of talosctl's words may be passed on: its steps. The differences of manifests that it prints between them are not, since a Secret may be among
 * those, nor is a token's name.
 */
export function sayableLine(line: string): string | undefined {
  if (!/^( ?[<>] |[A-Za-z])/.test(line)) return undefined;
  return line
    .trim()
    .replace(/(bootstrap-token-)\w+/g, "$1…")
    .replace(/(Invalid value: ).*/, "$1…");
}
