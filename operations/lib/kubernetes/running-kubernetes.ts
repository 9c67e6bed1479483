import { type Images, readImage } from "../../../cluster/kubernetes-images.ts";
import type { Patient } from "../node/health.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readSpecs } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import { componentsOf } from "./components.ts";

/**
 * The images of Kubernetes's programs that a node is to run, as Talos itself says: no Kubernetes API has to answer for it. What Talos has none of yet is a
 * problem, and never left out. A control plane node that is no member of etcd runs nothing of a cluster: none.
 */
export async function kubernetesImages(asking: Asking, node: Pick<Patient, "address" | "role" | "member">): Promise<Reply<Images>> {
  const { address, role, member } = node;
  if (role === "controlplane" && !member) return { value: {} };
  const [kubelet, components] = await Promise.all([
    kubeletImage(asking, address),
    role === "controlplane" ? componentsOf(asking, address) : { value: [] },
  ]);
  if ("problem" in kubelet) return kubelet;
  if ("problem" in components) return components;
  return { value: { kubelet: kubelet.value, ...Object.fromEntries(components.value.map(({ name, image }) => [name, image])) } };
}

function kubeletImage(asking: Asking, address: string): Promise<Reply<string>> {
  return ask(asking, address, ["get", "kubeletspecs", "-o", "json"], (stdout) => {
    const [spec] = readSpecs(stdout) as { image?: string }[];
    if (!spec?.image) throw new Error("it has no image of its kubelet yet");
    return spec.image;
  });
}

/** The versions in images, each once; what has none that can be told is left to its owner. */
export function versionsOf(images: Images): string[] {
  return [...new Set(Object.values(images).flatMap((image) => readImage(image)?.version ?? []))];
}
