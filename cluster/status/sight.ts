import type { Images } from "../kubernetes-images.ts";
import type { Reply } from "../reply.ts";
import type { Node } from "../schema.ts";
import type { Comparison } from "./machine-config.ts";

/** What a node is declared to be. */
export interface DeclaredSight extends Pick<Node, "hostname" | "address" | "role"> {
  /** With its v, as all versions here. */
  readonly talosVersion: string;
  readonly schematicId: string;
  readonly kubernetesVersion: string;
}

/** Whose the machine at a node's address is, with the names it goes by where it is ours. */
export type MachineSight =
  | { readonly is: "maintenance" }
  | { readonly is: "ours"; readonly names: Reply<readonly string[]> }
  | { readonly is: "foreign" | "unknown"; readonly why: string };

/** What etcd is on a control plane node. */
export type EtcdSight =
  /** It was never started and waits for a cluster to join or to be bootstrapped. */
  | { readonly state: "waiting" }
  /** It has data; `problem` says what is wrong with it, where something is. */
  | { readonly state: "member"; readonly problem?: string };

/** A Kubernetes Node. */
export interface KubernetesSight {
  /** Why it is not Ready, in the words of the scripts. */
  readonly notReady?: string;
  readonly cordoned: boolean;
  /** The script that cordoned it and has not been back, where it was one. */
  readonly cordonedBy?: string;
  readonly kubelet: string;
  /** The images of the control plane's programs that run on it. */
  readonly images: Images;
}

/** What was seen of a node. What only a configured node can tell is there only where the machine is ours. */
export interface NodeSight {
  readonly machine: MachineSight;
  readonly talos?: Reply<{ readonly version: string; readonly schematic?: string }>;
  readonly config?: Reply<Comparison>;
  /** Control plane nodes. */
  readonly etcd?: Reply<EtcdSight>;
  /** By the Kubernetes API of whichever control plane node answers; undefined: it has no such Node. */
  readonly kubernetes?: Reply<KubernetesSight | undefined>;
}
