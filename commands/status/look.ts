import type { Reply } from "../../cluster/reply.ts";
import { type Comparison, compareConfigs } from "../../cluster/status/machine-config.ts";
import type { DeclaredSight, EtcdSight, NodeSight } from "../../cluster/status/sight.ts";
import { ownAilment } from "../../operations/lib/etcd/ailments.ts";
import { etcdState } from "../../operations/lib/etcd/state.ts";
import { hostnameOf, type Machine } from "../../operations/lib/node/machine.ts";
import { versionOf } from "../../operations/lib/node/running.ts";
import type { Asking } from "../../operations/lib/talosctl/asking.ts";
import { readSpec } from "../../operations/lib/talosctl/output.ts";
import type { KubernetesView } from "./look-kubernetes.ts";

/** Looks at a node from all sides at once. `renderings` are its machine config as declared, then as in older renderings. */
export async function lookAtNode(
  asking: Asking,
  node: DeclaredSight,
  machine: Machine,
  kubernetes: KubernetesView,
  renderings: readonly [string, ...string[]],
): Promise<NodeSight> {
  const { address, role } = node;
  if (machine.is !== "ours") {
    // The cluster may know it all the same.
    const known = kubernetes && "value" in kubernetes ? { kubernetes: { value: kubernetes.value.get(node.hostname) } } : {};
    return { machine, ...known };
  }
  const [called, talos, config, etcd] = await Promise.all([
    hostnameOf(asking, address),
    versionOf(asking, address),
    configOf(asking, address, renderings),
    role === "controlplane" ? etcdOf(asking, node) : undefined,
  ]);
  return {
    machine: { is: "ours", names: called },
    talos,
    config,
    ...(etcd ? { etcd } : {}),
    ...(kubernetes ? { kubernetes: "problem" in kubernetes ? kubernetes : { value: kubernetes.value.get(node.hostname) } } : {}),
  };
}

/** The running config holds the node's secrets: what leaves this function is redacted. */
async function configOf({ talosctl }: Asking, address: string, renderings: readonly [string, ...string[]]): Promise<Reply<Comparison>> {
  const answer = await talosctl.node(address, ["get", "machineconfig", "v1alpha1", "-o", "json"]);
  if (!answer.ok) return { problem: answer.problem };
  let running: unknown;
  try {
    running = readSpec(answer.stdout);
  } catch {
    return { problem: "talosctl printed a machine config that cannot be read" }; // the parser's message would quote it
  }
  const comparison = typeof running === "string" ? compareConfigs(running, renderings) : undefined;
  return comparison ? { value: comparison } : { problem: "it is not compared: it could not be made certain that no secret is shown" };
}

async function etcdOf(asking: Asking, node: DeclaredSight): Promise<Reply<EtcdSight>> {
  const { state, why } = await etcdState(asking, node);
  if (state === "waiting") return { value: { state } };
  if (state !== "member") return { problem: why };
  const ailment = await ownAilment(asking, node.address);
  if ("problem" in ailment) return { value: { state, problem: `its etcd is not well: ${ailment.problem}` } };
  return { value: { state, ...(ailment.value ? { problem: `its member ${ailment.value}` } : {}) } };
}
