/** What runs on a lab's nodes, as talosctl and the API servers say, not as the lab knows it. */
import { parse, parseAllDocuments } from "yaml";
import type { Lab } from "./lab.ts";

export interface Runs {
  readonly talos: string;
  readonly schematic: string | undefined;
  /** By name, in order. */
  readonly extensions: readonly string[];
  readonly kubelet: string;
  /** Nothing on a worker. */
  readonly apiServer?: string;
}

interface Declared {
  readonly hostname: string;
  readonly address: string;
  readonly role: string;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } };
  }[];
}

/** What runs on each declared node, by hostname. Fails where one does not answer. */
export async function whatRuns(lab: Lab): Promise<Record<string, Runs>> {
  const declared = await lab.stackOutput<Declared[]>("nodes");
  const nodes = await nodesOf(lab);
  const found = await Promise.all(
    declared.map(async ({ hostname, address, role }) => {
      const kubelet = nodes.items.find(({ metadata }) => metadata.name === hostname)?.status.nodeInfo.kubeletVersion ?? "none";
      const apiServer = role === "controlplane" ? { apiServer: await apiServerVersion(lab, address) } : {};
      const [talos, image] = await Promise.all([talosVersion(lab, address), imageOf(lab, address)]);
      return [hostname, { talos, ...image, kubelet, ...apiServer }] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** The same on every node. */
export function allRun(hostnames: readonly string[], { apiServer, ...runs }: Required<Runs>): Record<string, Runs> {
  return Object.fromEntries(hostnames.map((hostname) => [hostname, hostname.includes("-ctrl-") ? { ...runs, apiServer } : runs]));
}

async function nodesOf(lab: Lab): Promise<NodeList> {
  return JSON.parse(await lab.output("kubectl", "get", "nodes", "--output=json")) as NodeList;
}

async function talosVersion(lab: Lab, address: string): Promise<string> {
  const text = await lab.output("talosctl", "version", ...at(address));
  return /Server:[\s\S]*?Tag:\s+(\S+)/.exec(text)?.[1] ?? text;
}

/** Talos tells of its image's schematic as of one more extension. */
async function imageOf(lab: Lab, address: string): Promise<Pick<Runs, "schematic" | "extensions">> {
  const text = await lab.output("talosctl", "get", "extensions", "--output=yaml", ...at(address));
  const found = parseAllDocuments(text).map((document) => document.toJS() as { spec: { metadata: { name: string; version: string } } });
  const [schematic] = found.filter(({ spec }) => spec.metadata.name === "schematic");
  const others = found.filter((extension) => extension !== schematic);
  return { schematic: schematic?.spec.metadata.version, extensions: others.map(({ spec }) => spec.metadata.name).sort() };
}

async function apiServerVersion(lab: Lab, address: string): Promise<string> {
  const { gitVersion } = parse(await lab.output("kubectl", "get", "--raw=/version", `--server=https://${address}:6443`)) as {
    gitVersion: string;
  };
  return gitVersion;
}

const at = (address: string) => ["--nodes", address, "--endpoints", address];
