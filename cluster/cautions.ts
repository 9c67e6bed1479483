import { type App, appKey } from "./apps.ts";
import { type EndpointHolders, unheldEndpoint } from "./endpoint.ts";
import type { Problem } from "./problems.ts";
import type { Cluster, Node } from "./schema.ts";
import type { Schematic } from "./schematic.ts";
import { isNewerMinor } from "./versions.ts";
import { readYamlText } from "./yaml.ts";

/** Of a declaration what cautions are about. */
export interface Looked
  extends EndpointHolders,
    Pick<Cluster, "talosVersion" | "talosContract" | "secureBoot" | "chartMirror">,
    Pick<Cluster, "allowDestroy" | "allowDowngrade" | "allowQuorumLoss"> {
  nodes: readonly (EndpointHolders["nodes"][number] & Pick<Node, "arch"> & { image: Pick<Schematic, "file" | "kernelArguments"> })[];
  releases: readonly Pick<App, "namespace" | "name" | "chart" | "version" | "digest">[];
}

/** What is allowed and works, but is probably not what its owner wants. It is said in every preview and stops nothing. */
export function cautions(cluster: Looked): Problem[] {
  return [
    ...liftedGuards(cluster),
    ...evenMembers(cluster),
    ...unheldEndpoint(cluster),
    ...ignoredArguments(cluster),
    ...trustedRepositories(cluster),
  ];
}

const membersOf = ({ nodes }: Looked) => nodes.filter((node) => node.role === "controlplane").length;

/** What is allowed for one occasion and forgotten after it. Of a downgrade no file says whether it is still to come. */
function liftedGuards(cluster: Looked): Problem[] {
  const members = membersOf(cluster);
  const lifted: [keyof Looked, boolean, string][] = [
    [
      "allowDestroy",
      cluster.allowDestroy,
      "nothing holds npm run destroy back, and a node that is taken out is reset without its pods being moved first. Unless that is meant to be",
    ],
    [
      "allowDowngrade",
      cluster.allowDowngrade,
      "a talosVersion that is too old by mistake is installed. A way back over a minor version is for an up after the one that brings the machine configs to " +
        "what the older Talos knows. Once all nodes run what is declared",
    ],
    [
      "allowQuorumLoss",
      cluster.allowQuorumLoss && members !== 2,
      `only a cluster of two control plane nodes needs it (declared: ${members}), and etcd may stand still while a node is away. Unless two are on their way`,
    ],
  ];
  return lifted.flatMap(([path, isLifted, why]) =>
    isLifted ? [{ path, repair: `is true: ${why}, take it back: npx pulumi config rm ${path} && npm run up` }] : [],
  );
}

function evenMembers(cluster: Looked): Problem[] {
  const members = membersOf(cluster);
  if (members % 2 === 1) return [];
  return [
    {
      path: "nodes",
      repair:
        `${members} control plane nodes tolerate no more failures than ${members - 1}, and one more can fail: ` +
        `declare ${members - 1} or ${members + 1}. A new cluster is not started with an even number`,
    },
  ];
}

/**
 * A node that boots by GRUB takes the schematic's kernel arguments only where its machine config says so, which those written for 1.12 and later
 * do (`machine.install.grubUseUKICmdline`, Talos's release notes of 1.12). GRUB is what boots where the machine has a BIOS, and where Talos was
 * installed before 1.10 without SecureBoot; which of that a node is, no file says.
 */
function ignoredArguments({ nodes, talosVersion, talosContract, secureBoot }: Looked): Problem[] {
  if (secureBoot || !isNewerMinor("v1.12", talosContract)) return [];
  const mayHaveGrub = (arch: Node["arch"]) => arch === "amd64" || isNewerMinor("v1.10", talosContract);
  const concerned = nodes.filter(
    ({ arch, image, configPatches }) => image.kernelArguments.length > 0 && mayHaveGrub(arch) && !configPatches.some(settles),
  );
  const patch = isNewerMinor("v1.12", talosVersion)
    ? "name them under machine.install.extraKernelArgs in a patch too, which counts"
    : "set machine.install.grubUseUKICmdline: true in a patch (without machine.install.extraKernelArgs), which counts";
  return [...new Set(concerned.map(({ image }) => image.file))].map((path) => ({
    path: `${path}: extraKernelArgs`,
    repair:
      "are not used by a node that boots by GRUB (talosctl get securitystate: bootedWithUKI false) with a machine config of before 1.12 " +
      `(talosContract ${talosContract}): ${patch} from the node's next upgrade on`,
  }));
}

/** Whether a patch says where GRUB has its kernel arguments from. */
function settles(patch: string): boolean {
  const install = ["machine", "install"];
  return readYamlText("", patch).documents.some(
    (document) => document.getIn([...install, "grubUseUKICmdline"]) === true || document.hasIn([...install, "extraKernelArgs"]),
  );
}

/** What a mirror holds is its owner's affair. */
function trustedRepositories({ releases, chartMirror }: Looked): Problem[] {
  if (chartMirror) return [];
  return releases
    .filter(({ digest }) => digest === undefined)
    .map(({ namespace, name, chart, version }) => ({
      path: `${appKey({ namespace, name })}/release.yaml: digest`,
      repair:
        "is missing, so whatever the repository holds under this version is installed. " +
        `After a preview sha256sum .charts/*/${chart}-${version}.tgz shows it, to be written as sha256:<64 digits>`,
    }));
}
