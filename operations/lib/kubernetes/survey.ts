import { readImage } from "../../../cluster/kubernetes-images.ts";
import { isOlder } from "../../../cluster/versions.ts";
import { nameOf } from "../node/machine.ts";
import { nodeStatusOf } from "../node/running.ts";
import type { Node } from "../script/environment.ts";
import type { Operation } from "../script/operation.ts";
import { ask } from "../talosctl/ask.ts";
import { readVersion } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import { type Component, componentsOf } from "./components.ts";

/** A member of the control plane with what it is to run. */
export interface Surveyed {
  readonly node: Node;
  /** Its Talos's version, such as v1.13.3. */
  readonly talos: string;
  readonly components: readonly Component[];
  /** An upgrade began through this node and was not seen to its end. */
  readonly unfinished: boolean;
}

/** On the Node through which an upgrade goes, until it is proved: a killed run is so taken up again where all images are new already. */
export const upgradeMark = "phoebe.dev/upgrading-kubernetes";

/** Asks members what they run. */
export async function surveyOf(operation: Operation, members: readonly Node[]): Promise<Reply<Surveyed[]>> {
  const replies = await Promise.all(members.map((node) => survey(operation, node)));
  const problems = replies.flatMap((reply) => ("problem" in reply ? [reply.problem] : []));
  if (problems.length > 0) return { problem: problems.join("; ") };
  return { value: replies.flatMap((reply) => ("value" in reply ? [reply.value] : [])) };
}

async function survey(operation: Operation, node: Node): Promise<Reply<Surveyed>> {
  const [components, status, version] = await Promise.all([
    componentsOf(operation, node.address),
    nodeStatusOf(operation, node.address),
    ask(operation, node.address, ["version"], readVersion),
  ]);
  if ("problem" in components) return { problem: `${nameOf(node)}: ${components.problem}` };
  if ("problem" in status) return { problem: `${nameOf(node)}: ${status.problem}` };
  if ("problem" in version) return { problem: `${nameOf(node)}: ${version.problem}` };
  const unfinished = status.value?.annotations?.[upgradeMark] !== undefined;
  return { value: { node, talos: version.value, components: components.value, unfinished } };
}

/** Whether every program is to run at a version. */
export function areAt(survey: readonly Surveyed[], version: string): boolean {
  return survey.every(({ components }) => components.length > 0 && components.every(({ image }) => readImage(image)?.version === version));
}

/** The versions that run, the oldest first, and the images of which that cannot be told. */
export function versionsIn(survey: readonly Surveyed[]): { known: string[]; unknown: string[] } {
  const images = survey.flatMap(({ node, components }) =>
    components.map(({ image }) => ({ node, image, version: readImage(image)?.version })),
  );
  const known = [...new Set(images.flatMap(({ version }) => version ?? []))].sort((a, b) => (isOlder(a, b) ? -1 : 1));
  return { known, unknown: images.flatMap(({ node, image, version }) => (version ? [] : [`${image} on ${nameOf(node)}`])) };
}
