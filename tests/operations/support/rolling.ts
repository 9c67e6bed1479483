import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { planeOf } from "./static-pods.ts";
import { type Answer, answers, type EtcdMember, prints } from "./world.ts";

/** Two schematics' IDs. */
export const [schematic, otherSchematic] = ["a", "b"].map((digit) => digit.repeat(64)) as [string, string];

/** What a script is told that brings a node, called c… on the control plane, to what is declared. Nobody answers at the cluster's endpoint. */
export const rollingVariables = (folder: string, hostname: string, address: string) => ({
  NODE_HOSTNAME: hostname,
  NODE_ADDRESS: address,
  NODE_ROLE: hostname.startsWith("c") ? "controlplane" : "worker",
  TALOS_VERSION: "v1.13.3",
  SCHEMATIC_ID: schematic,
  INSTALLER_IMAGE: "factory.talos.dev/metal-installer/aaa:v1.13.3",
  ENDPOINT: `https://${address.replace(/\d+$/, "200")}:6443`,
  BACKUP_DIR: join(folder, "backups"),
  DRAIN_TIMEOUT: "20",
});

/** A node that runs, as talosctl tells of it. */
export interface RunningNode {
  readonly hostname: string;
  readonly version?: string;
  readonly schematic?: string;
  readonly kubernetes?: string;
  readonly boot?: string;
  readonly stage?: string;
  /** What the node knows of its Node's annotations. */
  readonly annotations?: Record<string, string>;
  /** The addresses of the control plane nodes that it has discovered. */
  readonly discovered?: string[];
}

/** What talosctl answers for a worker. */
export function worker(node: RunningNode): Record<string, Answer> {
  const { hostname, version = "v1.12.6", kubernetes = "v1.35.4", stage = "running" } = node;
  return {
    "get hostname": prints.spec({ hostname }),
    "get machinestatus": prints.spec({ stage, status: { ready: true } }),
    "get nodename": prints.spec({ nodename: hostname }),
    "get nodestatus": prints.specs({ nodename: hostname, annotations: node.annotations ?? {} }),
    "get endpoints": prints.endpoints({ "kube-apiserver": node.discovered ?? [] }),
    "get members": prints.specs(...(node.discovered ?? []).map((address) => ({ machineType: "controlplane", addresses: [address] }))),
    "get extensions": prints.specs(
      { metadata: { name: "iscsi-tools", version: "v0.2.0" } },
      { metadata: { name: "schematic", version: node.schematic ?? schematic } },
    ),
    "get securitystate": prints.spec({ secureBoot: false }),
    "get kubeletspecs": prints.spec({ image: `ghcr.io/siderolabs/kubelet:${kubernetes}` }),
    version: prints.version(version),
    "read /proc/sys/kernel/random/boot_id": { stdout: `${node.boot ?? "boot-1"}\n` },
    "image pull": {},
    upgrade: {},
  };
}

/** What talosctl answers for a control plane node: a member of etcd, by its place among the members, where they are given. */
export function controlPlane(node: RunningNode, members?: readonly EtcdMember[], own = 0, leader = 0): Record<string, Answer> {
  const { kubernetes = "v1.35.4" } = node;
  return {
    ...worker(node),
    ...planeOf(`registry.k8s.io:${kubernetes}`),
    ...(members
      ? {
          ...answers.member,
          "etcd members": prints.members(...members),
          "etcd status": prints.etcdStatus(own, leader),
          "etcd alarm list": {},
          "etcd forfeit-leadership": {},
        }
      : { "service etcd": prints.service("Preparing"), "list /var/lib/etcd": prints.list() }),
  };
}

/** A Node that reports from a boot. */
export const nodeIn = (name: string, boot: string, spec: object = {}, annotations: object = {}) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, resourceVersion: "1", annotations },
  spec,
  status: { nodeInfo: { bootID: boot }, conditions: [{ type: "Ready", status: "True" }] },
});

const podIn = (name: string, owner: string | undefined, spec: object = {}) => ({
  metadata: {
    name,
    namespace: "default",
    uid: `uid of ${name}`,
    ownerReferences: owner ? [{ apiVersion: "apps/v1", kind: owner, name: "owner", uid: "1", controller: true }] : [],
  },
  spec: { containers: [], ...spec },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
});

/** A node's pods: its network plugin's, and others by their owners' kinds. */
export const podsIn = (others: Record<string, string | undefined> = {}) => ({
  apiVersion: "v1",
  kind: "PodList",
  items: [
    podIn("cilium", "DaemonSet", { volumes: [{ name: "cni", hostPath: { path: "/etc/cni/net.d" } }] }),
    ...Object.entries(others).map(([name, owner]) => podIn(name, owner)),
  ],
});

/** A file as etcd sends it: a database, and its digest, which is right or not. */
export function database(folder: string, right: boolean): string {
  const pages = Buffer.alloc(1024);
  pages.writeUInt32LE(0xed0cdaed, 16);
  pages.writeUInt32LE(2, 20);
  const digest = createHash("sha256")
    .update(right ? pages : "another")
    .digest();
  const path = join(folder, `${right}.db`);
  writeFileSync(path, Buffer.concat([pages, digest]), { mode: 0o644 });
  return path;
}
