/** The homelab stack as its document declares it: three machines of different hardware, each control plane and worker, behind a virtual IP. */

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { type Lab, root } from "./harness/lab.ts";
import { startLab } from "./harness/start.ts";

const endpoint = "https://127.133.1.100:6443";
/** The stack's network, moved away from that of a homelab that someone rehearses on this machine. */
const moved = (text: string) => text.replaceAll("192.168.1.", "10.133.1.");

interface Node {
  hostname: string;
  address: string;
  arch?: string;
  schematic: string;
}

test("brings the homelab up, each machine as its hardware wants it, and loses one without losing the API", async () => {
  const { config } = parse(moved(readFileSync(join(root, "Pulumi.homelab.yaml"), "utf8"))) as { config: Record<string, unknown> };
  const nodes = config["phoebe:nodes"] as Node[];
  const set = { endpoint: config["phoebe:endpoint"], nodes, patches: movedPatches(config["phoebe:patches"] as string) };
  const lab = await startLab({ name: "homelab", stack: "homelab", set });

  await lab.up();
  await lab.writeCredentials();
  expect(lab.read("kubeconfig")).toContain(endpoint);
  await eachNodeIsItsHardware(lab, nodes);

  // The one that started the cluster.
  await lab.machine("ryzen", "off");
  await expect.poll(() => answers(lab), { timeout: 30_000 }).toBe("ok");
  await lab.output("kubectl", "create", "namespace", "written-without-ryzen");
});

/** The stack's patches with the virtual IP moved as its endpoint is; the lab itself leaves patches as they are. */
function movedPatches(folder: string): string {
  const copy = join(root, ".lab/tests/homelab-patches");
  rmSync(copy, { recursive: true, force: true });
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(join(root, folder), copy, { recursive: true });
  const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => join(entry.parentPath, entry.name))) writeFileSync(file, moved(readFileSync(file, "utf8")));
  return relative(root, copy);
}

async function eachNodeIsItsHardware(lab: Lab, nodes: Node[]): Promise<void> {
  const { items } = JSON.parse(await lab.output("kubectl", "get", "nodes", "-o", "json")) as {
    items: { metadata: { name: string; labels: Record<string, string> }; spec: { taints?: unknown[] } }[];
  };
  const found = items.map(({ metadata: { name, labels }, spec }) => ({
    name,
    arch: labels["kubernetes.io/arch"],
    type: labels["node.kubernetes.io/instance-type"],
    taints: spec.taints,
  }));
  const expected = nodes.map(({ hostname, arch = "amd64" }) => ({ name: hostname, arch, type: hostname, taints: undefined }));
  expect(found).toEqual(expect.arrayContaining(expected));

  const images = (await lab.stackOutput<{ schematicId: string }[]>("nodes")).map(({ schematicId }) => schematicId);
  expect(new Set(images).size, "schematics").toBe(nodes.length);
}

/** What the cluster's endpoint says of itself. */
async function answers(lab: Lab): Promise<string> {
  return String((await lab.tool("kubectl", ["get", "--raw", "/readyz", `--server=${endpoint}`, "--request-timeout=5s"])).stdout);
}
