import { beforeEach } from "vitest";
import { nodeObject } from "./api-server.ts";
import { type StandIn, useCluster } from "./cluster.ts";
import { configs, kubeletOf } from "./config.ts";
import { rollingVariables, schematic } from "./rolling.ts";
import { type Answer, prints, type World } from "./world.ts";

/** A stand-in cluster whose nodes are given another config. */
export interface Reconfigurations extends StandIn {
  /** A worker's answers while it runs by a config, or a control plane node's that is no member. */
  says(hostname: string, running: string, more?: Record<string, Answer>): Record<string, Answer>;
  reconfigure(hostname: string, address: string, config?: string, variables?: Record<string, string>): ReturnType<World["run"]>;
  /** What talosctl was asked that changes a node. */
  changing(): string[];
}

/** Starts one for the tests of a file, as `useCluster` does. Before each test Kubernetes knows c1 and w1, and no pods. */
export async function useReconfigurations(c1: string, ...others: string[]): Promise<Reconfigurations> {
  const cluster = await useCluster(c1, ...others);
  const { world, api } = cluster;
  beforeEach(() => {
    api.resources.clear();
    api.resources.set("/readyz", "ok");
    api.resources.set("/api/v1/pods", { kind: "PodList", apiVersion: "v1", items: [] });
    api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeOf("w1")] });
    for (const name of ["w1", "c1"]) api.resources.set(`/api/v1/nodes/${name}`, nodeOf(name));
  });
  return {
    ...cluster,
    says: (name, running, more = {}) => ({
      "get hostname": prints.spec({ hostname: name }),
      "get nodename": prints.spec({ nodename: name }),
      "get machineconfig": configs(running, running),
      "get nodestatus": { stdout: "" },
      "get machinestatus": prints.spec({ stage: "running", status: { ready: true } }),
      "get endpoints": prints.endpoints({ "kube-apiserver": [c1] }),
      "service kubelet": prints.service("Running", "OK"),
      ...kubeletOf(1, "10:00"),
      read: { stdout: "boot-1\n" },
      version: prints.version("v1.13.3"),
      "get extensions": prints.specs({ metadata: { name: "schematic", version: schematic } }),
      "apply-config --mode": {},
      ...more,
    }),
    reconfigure: (hostname, address, input = declared, variables = {}) =>
      world.run("reconfigure", { ...rollingVariables(world.folder, hostname, address), DRAIN_TIMEOUT: "5", ...variables }, input),
    changing: () =>
      world.calls.filter(({ words }) => /^(apply-config --mode|reboot)/.test(words)).map(({ words }) => words.replace(/ --file.*/, "")),
  };
}

/** A Node that reports from its first boot, with its kubelet's version. */
export const nodeOf = (name: string, kubelet = "v1.36.3") => {
  const node = nodeObject(name, "True");
  return { ...node, status: { ...node.status, nodeInfo: { kubeletVersion: kubelet, bootID: "boot-1" } } };
};

/** A machine config that holds a secret, and one thing more about the machine. */
export const config = (machine: string, kubelet = "v1.36.3") =>
  `machine:\n  token: s3cr3t\n  kubelet: {image: "k:${kubelet}"}\n  ${machine}\ncluster: {}\n`;

/** The config that nodes have, and the one that is declared: a sysctl differs. */
export const [old, declared] = [config("sysctls: {a: '1'}"), config("sysctls: {a: '2'}")] as const;
