import { z } from "zod";
import { hostnamePattern } from "./hostname.ts";
import { officialFactory } from "./images.ts";
import { contractPattern, releasePattern } from "./versions.ts";

/**
 * The configuration of a stack: one key of `Pulumi.<stack>.yaml` each, so that one of them can be set alone.
 * The types, the checks and the JSON Schema for editors all come from here.
 */

/** A string of one form. The same sentence answers one that is missing and one that is wrong. */
const text = (form: RegExp, error: string) => z.string({ error }).regex(form, { error });
const name = () => text(hostnamePattern, "expected lower-case letters, digits and dashes, 63 at most");
const path = z
  .string({ error: "expected a path inside the project" })
  .min(1, { error: "expected a path inside the project" })
  .refine((value) => !value.startsWith("/") && !value.split("/").includes(".."), {
    error: "expected a path inside the project, without .. and not absolute",
  });

const flag = () => z.boolean({ error: "expected true or false" });
const count = () => z.int({ error: "expected a whole number from 1 on" }).min(1, { error: "expected a whole number from 1 on" });

/** A partition of a disk, which Talos cannot be installed on. */
const partition = /^\/dev\/((s|v|xv|h)d[a-z]+\d+|(nvme\d+n|mmcblk)\d+p\d+|disk\/.*-part\d+)$/;
const disk = z
  .string()
  .regex(/^\/dev\/\S+$/, { error: "expected a device such as /dev/nvme0n1, or a disk selector" })
  .refine((device) => !partition.test(device), { error: "expected a whole disk; this is a partition of one" });

const diskSelector = z
  .strictObject({
    size: text(
      /^\s*(<=|>=|<|>|==)?\s*\d+(\.\d+)?\s*([kmgtpe]i?)?b?\s*$/i,
      "expected a size or a comparison with one, for example '>= 500GB'",
    )
      .optional()
      .describe("A size or a comparison, for example '>= 500GB'"),
    name: z.string().optional(),
    model: z.string().optional(),
    serial: z.string().optional(),
    modalias: z.string().optional(),
    uuid: z.string().optional(),
    wwid: z.string().optional(),
    type: z.enum(["ssd", "hdd", "nvme", "sd"], { error: "expected ssd, hdd, nvme or sd" }).optional(),
    busPath: z.string().optional(),
  })
  .refine((selector) => Object.keys(selector).length > 0, {
    error: "expected at least one property to select the disk by",
    // An unknown key has been told already, and is not counted here.
    when: ({ issues }) => issues.length === 0,
  });

const nodeSchema = z.strictObject(
  {
    hostname: name().describe("The node's name in Talos and in Kubernetes"),
    role: z.enum(["controlplane", "worker"], { error: "expected controlplane or worker" }),
    address: z
      .ipv4({ error: "expected an IPv4 address, for example 10.60.0.10" })
      .describe("Where the node answers, in maintenance mode and after"),
    installDisk: z
      .union([disk, diskSelector], { error: "expected a device such as /dev/nvme0n1, or a disk selector such as { type: nvme }" })
      .describe("The disk that Talos is installed on: a device, or Talos's disk selector"),
    arch: z
      .enum(["amd64", "arm64"], { error: "expected amd64 or arm64" })
      .default("amd64")
      .describe("Which installation medium the node boots"),
    generation: count().default(1).describe("Raise it to configure a node again that came back empty"),
    schematic: path.optional().describe("A schematic of this node's own"),
  },
  { error: "expected a mapping with hostname, role, address and installDisk" },
);

const secretsSchema = z.discriminatedUnion(
  "source",
  [
    z.strictObject({ source: z.literal("generated").describe("Made by the stack and kept in its state: for labs") }),
    z.strictObject({
      source: z.literal("onepassword").describe("Kept in 1Password"),
      template: path.default("talsecret.yaml").describe("Talos's secrets file with op:// references, or one reference to all of it"),
      account: z.string().min(1).optional().describe("The account in the 1Password app, where no service account's token is set"),
    }),
  ],
  { error: "expected where the cluster's secrets come from: { source: onepassword } or { source: generated }" },
);

export const clusterSchema = z.strictObject({
  clusterName: name(),
  endpoint: text(
    /^https:\/\/[^/:@\s]+:\d{1,5}$/,
    "expected https://<host>:<port> without a path, for example https://10.80.0.8:6443",
  ).describe("Where clients reach the Kubernetes API: a node's address, a virtual IP or a load balancer"),
  talosVersion: text(releasePattern, "expected a full version with its v, for example v1.13.3"),
  talosContract: text(contractPattern, "expected a major and minor version with its v, for example v1.13").describe(
    "The Talos version that the cluster was born with. It stays when Talos is upgraded",
  ),
  kubernetesVersion: text(releasePattern, "expected a full version with its v, for example v1.36.3"),
  nodes: z.array(nodeSchema, { error: "expected a list of nodes" }).min(1, { error: "expected at least one node" }),
  secrets: secretsSchema,
  imageFactoryUrl: text(/^https?:\/\/[^/@\s]+$/, `expected a URL without a path, for example ${officialFactory}`).default(officialFactory),
  chartMirror: text(/^https?:\/\/[^@\s]+[^/@\s]$/, "expected the URL of a chart repository, without a slash at its end")
    .optional()
    .describe("A chart repository that is asked for every chart in the place of the declared ones"),
  secureBoot: flag()
    .default(false)
    .describe("Installs the SecureBoot variant of Talos; decided when a machine is installed, and refused for one that is"),
  allowSchedulingOnControlPlanes: flag().default(false),
  workerLanes: count().default(1).describe("How many workers may be changed side by side"),
  patches: path.default("patches").describe("The folder of Talos patches"),
  apps: z
    .union([path, z.array(path).min(1)], { error: "expected a folder inside the project, or a list of folders" })
    .default("apps")
    .describe("The folder of namespaces and releases, or a list of folders, each of which adds to those before it"),
  schematic: path.default("schematic.yaml").describe("The Image Factory schematic of all nodes that name none"),
  backupDir: path.default("backups").describe("The folder of etcd snapshots, which are taken before versions change"),
  drainTimeout: count()
    .default(300)
    .describe("For how many seconds a node is drained before it reboots. A disruption budget that blocks longer stops the change"),
  nodeTimeout: count()
    .default(600)
    .describe("For how many seconds a machine may boot, pull its images and become well before it is given up. Slow hardware takes more"),
  allowQuorumLoss: flag()
    .default(false)
    .describe("Lets one of two control plane nodes reboot, although etcd stands still while it is away"),
  allowDowngrade: flag().default(false).describe("Lets nodes go back to an older Talos"),
  adopt: z
    .array(text(/^[a-z0-9-]+\/[a-z0-9-]+$/, "expected <namespace>/<release>, for example kube-system/cilium"), {
      error: "expected a list of <namespace>/<release>",
    })
    .default([])
    .describe("Releases that run already, installed by Helm or Helmfile: they are taken over as they are"),
  adoptSecretValues: flag().default(false).describe("Adopts releases too whose values seem to hold secrets, which a preview then shows"),
  allowDestroy: flag().default(false).describe("Lifts the guards against destroying the cluster, once an up has set it"),
});

export type Cluster = z.output<typeof clusterSchema>;
export type Node = Cluster["nodes"][number];
export type Role = Node["role"];
