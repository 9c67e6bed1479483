import * as pulumi from "@pulumi/pulumi";
import { cautions } from "./cluster/cautions.ts";
import { imagesOf } from "./cluster/images.ts";
import { describeRollout, rollout as order } from "./cluster/order.ts";
import { UserError } from "./cluster/user-error.ts";
import { deleteNothingUnless } from "./components/deletions.ts";
import { TalosCluster } from "./components/talos-cluster.ts";
import { lookAtAdopted } from "./sources/adoption.ts";
import { readConfiguration } from "./sources/config.ts";
import { lookAtDefinitions } from "./sources/definitions.ts";
import { confirmSchematics } from "./sources/extensions.ts";
import { load } from "./sources/load.ts";
import { answeringApi, tellSilent } from "./sources/reach.ts";

// Pulumi takes a stack trace with every promise of every property, and has each mapped to the TypeScript of its SDK: a fourth of a preview's time.
// What is written here runs as it stands.
Reflect.deleteProperty(Error, "prepareStackTrace");

const root = import.meta.dirname;
const isPreview = pulumi.runtime.isDryRun();
const written = await load(root, readConfiguration(), isPreview).catch(tell);
// A preview asks nobody for it: it shows as created what the up takes as it is.
const looked = isPreview ? written : lookAtDefinitions(written);
const [unchecked, seen] = await Promise.all([confirmSchematics(root, written, isPreview), looked]).catch(tell);
if (unchecked) pulumi.log.info(unchecked);
const { declaration, unseen } = await lookAtAdopted(root, seen, isPreview).catch(tell);
if (unseen) pulumi.log.warn(unseen);
for (const { path, repair } of cautions(declaration)) pulumi.log.warn(`${path}: ${repair}.`);
const silent = isPreview ? tellSilent(declaration.nodes) : undefined; // It listens while the engine is at work.
const cluster = new TalosCluster(declaration.clusterName, { ...declaration, answering: answeringApi });
deleteNothingUnless(cluster.made);
const [firstNode] = declaration.nodes;

/** For kubectl: it names the endpoint. */
export const kubeconfig = cluster.kubeconfig;
/** For talosctl. */
export const talosconfig = cluster.talosconfig;
/** The schematic of the first node; those of all nodes are in `nodes`. */
export const schematicId = firstNode?.image.id;
export const installerImage = firstNode?.installerImage;
/** Where the images of each distinct schematic and architecture are: installer, ISO and PXE script. */
export const images = imagesOf(declaration, declaration.nodes);
/** Each node with what it runs and installs and with the ISO that it boots before that. */
export const nodes = declaration.nodes.map(({ hostname, role, address, image, installerImage, installationMedium }) => ({
  hostname,
  role,
  address,
  talosVersion: declaration.talosVersion,
  schematicId: image.id,
  installerImage,
  installationMedium,
}));
/** Each node's machine config, redacted: `pulumi preview --diff` shows what changes in it. */
export const { machineConfigurations } = cluster;
export const { kubernetesVersion } = declaration;
/** Where the newest etcd snapshot is, below the project; empty while there is none. */
export const { etcdSnapshot } = cluster;
/** The order in which nodes are changed: a preview of another version shows it. */
export const rollout = describeRollout(order(declaration), declaration);

const unknown = await silent;
if (unknown) pulumi.log.info(unknown);

/** What a person can mend is told without a stack trace. */
function tell(error: unknown): never {
  throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
}
