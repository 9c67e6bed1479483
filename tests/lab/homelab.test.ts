/** The homelab stack as its document declares it: three machines of different hardware, each control plane and worker, behind a virtual IP. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type Lab, root } from "./harness/lab.ts";
import { movedCopy } from "./harness/moved.ts";
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
  const set = {
    endpoint: config["phoebe:endpoint"],
    nodes,
    patches: movedCopy(config["phoebe:patches"] as string, "homelab-patches", moved),
  };
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
