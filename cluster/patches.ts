import { stringify } from "yaml";
import type { Problem } from "./problems.ts";
import type { Cluster, Node } from "./schema.ts";
import { didYouMean } from "./suggest.ts";
import { isNewerMinor } from "./versions.ts";

/** One patch file: where it lies below the patches folder, and its text. */
export interface PatchFile {
  path: string;
  text: string;
}

/** The folders of a node's patches, in the order in which they are laid over its config. */
function layersOf(node: Pick<Node, "role" | "hostname">): string[] {
  return ["global", node.role === "controlplane" ? "controller" : "worker", `nodes/${node.hostname}`];
}

/** The patches of one node: the stack's own first, then each layer, alphabetical in each. */
export function patchesFor(cluster: Cluster, node: Node, installerImage: string, files: readonly PatchFile[]): string[] {
  const layered = layersOf(node).flatMap((layer) =>
    files.filter(({ path }) => path.slice(0, path.lastIndexOf("/")) === layer).sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
  return [basePatch(cluster, node, installerImage), ...layered.map(({ text }) => text)];
}

/**
 * The folders below the patches folder that no declared node takes patches from: most likely a misspelt hostname.
 * Where the nodes are not known, because what declares them is wrong itself, any hostname is taken.
 */
export function strayLayers(nodes: readonly Pick<Node, "hostname">[] | undefined, files: readonly PatchFile[]): Problem[] {
  const known = ["global", "controller", "worker", ...(nodes ?? []).map((node) => `nodes/${node.hostname}`)];
  const folders = new Set(files.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf("/")))));
  return [...folders]
    .filter((folder) => !known.includes(folder) && (nodes !== undefined || !/^nodes\/[^/]+$/.test(folder)))
    .map((folder) => {
      const hint = didYouMean(folder, known, "; layers are global, controller, worker and nodes/<hostname>");
      return { path: folder, repair: `is no layer of this cluster${hint}` };
    });
}

/**
 * What follows from the declaration itself. It comes first, so that a patch can still say otherwise.
 * There is no CNI, kube-proxy or CoreDNS of Talos's own: the releases under apps/ bring them.
 */
export function basePatch(cluster: Cluster, node: Node, installerImage: string): string {
  const disk = typeof node.installDisk === "string" ? { disk: node.installDisk } : { diskSelector: node.installDisk };
  const controlPlaneOnly = {
    proxy: { disabled: true },
    coreDNS: { disabled: true },
    allowSchedulingOnControlPlanes: cluster.allowSchedulingOnControlPlanes,
  };
  // From 1.12 on Talos writes a HostnameConfig document of its own, beside which the older key is an error.
  const hostnameIsDocument = !isNewerMinor("v1.12", cluster.talosContract);
  const config = {
    machine: {
      install: { image: installerImage, ...disk },
      ...(hostnameIsDocument ? {} : { network: { hostname: node.hostname } }),
    },
    cluster: { network: { cni: { name: "none" } }, ...(node.role === "controlplane" ? controlPlaneOnly : {}) },
  };
  const hostname = { apiVersion: "v1alpha1", kind: "HostnameConfig", auto: "off", hostname: node.hostname };
  return [config, ...(hostnameIsDocument ? [hostname] : [])].map((document) => stringify(document)).join("---\n");
}
