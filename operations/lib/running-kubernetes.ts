import { type Images, readImage } from "../../cluster/kubernetes-images.ts";
import type { ApiClient } from "./api.ts";
import type { Asking } from "./asking.ts";
import { reasonOf } from "./failure.ts";
import type { Reply } from "./reply.ts";
import { readSpecs } from "./talosctl-output.ts";

/** Where Talos says what it runs of the control plane: the resource of each program. */
export const controlPlane = {
  "kube-apiserver": "apiserverconfigs",
  "kube-controller-manager": "controllermanagerconfigs",
  "kube-scheduler": "schedulerconfigs",
} as const;

/** The images of Kubernetes's programs that a node runs, as Talos itself says: no Kubernetes API has to answer for it. */
export async function kubernetesImages(
  { talosctl }: Asking,
  { address, role }: Pick<ApiClient, "address" | "role">,
): Promise<Reply<Images>> {
  const places = Object.entries({ kubelet: "kubeletspecs", ...(role === "controlplane" ? controlPlane : {}) });
  const answers = await Promise.all(places.map(([, type]) => talosctl.node(address, ["get", type, "-o", "json"])));
  const images: Record<string, string> = {};
  for (const [i, [program]] of places.entries()) {
    const { ok, stdout, problem } = answers[i] ?? { ok: false, stdout: "", problem: "not asked" };
    if (!ok) return { problem };
    try {
      const [spec] = readSpecs(stdout) as { image?: string }[];
      if (spec?.image) images[program] = spec.image;
    } catch (error) {
      return { problem: reasonOf(error) };
    }
  }
  return { value: images };
}

/** The versions in images, each once; what has none that can be told is left to its owner. */
export function versionsOf(images: Images): string[] {
  return [...new Set(Object.values(images).flatMap((image) => readImage(image)?.version ?? []))];
}
