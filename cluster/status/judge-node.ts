import { sameHostname } from "../hostname.ts";
import { readImage } from "../kubernetes-images.ts";
import type { Reply } from "../reply.ts";
import { differs, type Finding, fine, unclear, upOr } from "./finding.ts";
import type { Comparison } from "./machine-config.ts";
import type { DeclaredSight, EtcdSight, KubernetesSight, MachineSight, NodeSight } from "./sight.ts";

/** Everything about one node, the machine first. */
export function judgeNode(declared: DeclaredSight, seen: NodeSight): Finding[] {
  const { machine, talos, config, etcd, kubernetes } = seen;
  return [
    judgeMachine(declared, machine, kubernetes),
    ...(talos ? judgeTalos(declared, talos) : []),
    ...(config ? [judgeConfig(declared, config)] : []),
    ...(etcd ? [judgeEtcd(declared, etcd)] : []),
    // That a machine which is not ours has no Node is what is to be expected.
    ...(kubernetes && (machine.is === "ours" || isThere(kubernetes)) ? judgeKubernetes(declared, kubernetes) : []),
  ];
}

function isThere(kubernetes: NodeSight["kubernetes"]): boolean {
  return kubernetes !== undefined && "value" in kubernetes && kubernetes.value !== undefined;
}

function judgeMachine(declared: DeclaredSight, machine: MachineSight, kubernetes: NodeSight["kubernetes"]): Finding {
  const { hostname, address } = declared;
  switch (machine.is) {
    case "unknown":
      return unclear(
        "machine",
        machine.why,
        `Is it switched on, at ${address}, and reachable from here on port 50000? Lost for good: docs/runbook.md#dead-hardware`,
      );
    case "foreign":
      return differs("machine", "foreign", machine.why, "correct its address, or reset it where it belongs (talosctl reset)");
    case "maintenance": {
      return isThere(kubernetes)
        ? differs("machine", "empty", "it came back empty, in maintenance mode", `raise its generation in the stack file, then npm run up`)
        : differs(
            "machine",
            "new",
            "it is in maintenance mode, not configured yet",
            "npm run up; if it was configured before, raise its generation first",
          );
    }
    case "ours": {
      if ("problem" in machine.names) return unclear("machine", machine.names.problem);
      const [called] = machine.names.value;
      if (machine.names.value.some((name) => sameHostname(name, hostname))) return fine("machine", "ours");
      return differs(
        "machine",
        "renamed",
        `the machine at ${address} is the cluster's node ${called}`,
        "a node is not renamed: take it out of the stack file, npm run up, then add it under its new name",
      );
    }
  }
}

function judgeTalos({ hostname, talosVersion, schematicId }: DeclaredSight, talos: NonNullable<NodeSight["talos"]>): Finding[] {
  if ("problem" in talos) return [unclear("Talos", talos.problem)];
  const { version, schematic } = talos.value;
  const remedy = upOr("upgrade-talos", hostname);
  return [
    version === talosVersion ? fine("Talos", version) : differs("Talos", version, `${version} runs, ${talosVersion} is declared`, remedy),
    schematic === schematicId
      ? fine("schematic", "as declared")
      : differs("schematic", "other", `${schematic ?? "none"} runs, ${schematicId} is declared`, remedy),
  ];
}

function judgeConfig({ hostname }: DeclaredSight, config: Reply<Comparison>): Finding {
  if ("problem" in config) return unclear("configuration", config.problem);
  const { declared, running } = config.value;
  if (declared === running) return fine("configuration", "same");
  return differs("configuration", "differs", "it runs another one than is declared", upOr("reconfigure", hostname));
}

function judgeEtcd({ hostname, address }: DeclaredSight, etcd: Reply<EtcdSight>): Finding {
  if ("problem" in etcd) return unclear("etcd", etcd.problem);
  if (etcd.value.state === "waiting") {
    return differs("etcd", "waiting", "it is configured, and not a member yet", upOr("bootstrap", hostname));
  }
  const { problem } = etcd.value;
  if (problem === undefined) return fine("etcd", "healthy");
  return differs("etcd", "unhealthy", problem, `talosctl -n ${address} service etcd; talosctl -n ${address} logs etcd (${hostname})`);
}

function judgeKubernetes(declared: DeclaredSight, kubernetes: Reply<KubernetesSight | undefined>): Finding[] {
  if ("problem" in kubernetes) return [unclear("Kubernetes", kubernetes.problem), unclear("Node", kubernetes.problem)];
  const node = kubernetes.value;
  const name = declared.hostname;
  if (!node)
    return [
      differs("Node", "none", `the cluster has no Node ${name}`, `talosctl -n ${declared.address} service kubelet, once it is configured`),
    ];
  return [...judgeVersions(declared, node), judgeReadiness(name, node)];
}

function judgeVersions({ hostname, kubernetesVersion }: DeclaredSight, { kubelet, images }: KubernetesSight): Finding[] {
  const programs = Object.entries(images).map(([program, image]) => ({ program, image, version: readImage(image)?.version }));
  const others = programs.filter(({ version }) => version !== undefined && version !== kubernetesVersion);
  if (others.length > 0) {
    const list = others.map(({ program, version }) => `${program} ${version}`).join(", ");
    const what = `${list} runs, ${kubernetesVersion} is declared`;
    return [differs("Kubernetes", others[0]?.version ?? "", what, upOr("upgrade-kubernetes"))];
  }
  const unread = programs.filter(({ version }) => version === undefined).map(({ image }) => image);
  if (unread.length > 0) {
    return [
      unclear("Kubernetes", `the version of ${unread.join(", ")} cannot be told`, "declare images whose tag is one, such as v1.36.3"),
    ];
  }
  if (kubelet === kubernetesVersion) return [fine("Kubernetes", kubelet)];
  return [differs("Kubernetes", kubelet, `kubelet ${kubelet} runs, ${kubernetesVersion} is declared`, upOr("reconfigure", hostname))];
}

function judgeReadiness(name: string, { notReady, cordoned, cordonedBy }: KubernetesSight): Finding {
  if (notReady !== undefined) return differs("Node", "not ready", notReady, `kubectl describe node ${name}`);
  if (!cordoned) return fine("Node", "Ready");
  if (cordonedBy) {
    // By hand a removal is begun anew, and not what is wanted of a node that is declared again.
    const remedy = cordonedBy === "remove-node" ? `kubectl uncordon ${name}, if it is to stay` : upOr(cordonedBy, name);
    return differs("Node", "cordoned", `cordoned by ${cordonedBy}, which did not finish`, remedy);
  }
  return differs("Node", "cordoned", "cordoned by a person", `kubectl uncordon ${name}, when that has served its purpose`);
}
