import type { V1Node } from "@kubernetes/client-node";
import type { Reply } from "../talosctl/reply.ts";
import { asMergePatch, type Kubernetes, unlessAbsent } from "./client.ts";

/** The annotation on a Node that says which script cordoned it: a killed run's cordon is so told from a person's. */
export const cordonMark = "phoebe.dev/cordoned-by";

/** Who cordons: the scripts that take a node away. */
export type CordonedBy = "upgrade-talos" | "reconfigure" | "remove-node";

/** Keeps new pods off a node. One that a person has cordoned stays theirs and gets no mark. */
export function cordon(kubernetes: Kubernetes, name: string, by: CordonedBy): Promise<Reply<"cordoned" | "a person's" | "absent">> {
  return change(kubernetes, name, ({ spec, metadata }) => {
    if (spec?.unschedulable && metadata?.annotations?.[cordonMark] === undefined) return "a person's";
    return { becomes: "cordoned", unschedulable: true, mark: by };
  });
}

/** Lets pods onto a node again, if it was a script that kept them off. */
export function uncordon(kubernetes: Kubernetes, name: string): Promise<Reply<"uncordoned" | "a person's" | "absent">> {
  return change(kubernetes, name, ({ metadata }) => {
    if (metadata?.annotations?.[cordonMark] === undefined) return "a person's";
    return { becomes: "uncordoned", unschedulable: null, mark: null };
  });
}

/** What a Node is to become; null takes a field away. */
interface Change<Outcome> {
  readonly becomes: Outcome;
  readonly unschedulable: true | null;
  readonly mark: CordonedBy | null;
}

function change<Outcome extends string>(
  kubernetes: Kubernetes,
  name: string,
  decide: (node: V1Node) => Outcome | Change<Outcome>,
): Promise<Reply<Outcome | "absent">> {
  return kubernetes.core(async (api) => {
    const node = await unlessAbsent(api.readNode({ name }));
    if (!node) return "absent";
    const decided = decide(node);
    if (typeof decided === "string") return decided;
    const { becomes, unschedulable, mark } = decided;
    // Of the version that was judged: where somebody else was faster it is a conflict, and looked at again.
    const metadata = { resourceVersion: node.metadata?.resourceVersion, annotations: { [cordonMark]: mark } };
    await api.patchNode({ name, body: { metadata, spec: { unschedulable } } }, await asMergePatch());
    return becomes;
  });
}
