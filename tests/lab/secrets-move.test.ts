/** A cluster that began with generated secrets moves them into 1Password, as the runbook says: the same PKI, and nothing on a node changes. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { networkAlone } from "./harness/apps.ts";
import { root } from "./harness/lab.ts";
import { look } from "./harness/machines.ts";
import { node } from "./harness/nodes.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";

const c1 = node("move", "10.147.0", "controlplane", 1);
const reference = "op://home/move-talos/bundle";
const template = ".lab/tests/move-talsecret.yaml";

test("generated secrets move into 1Password", async () => {
  const lab = await startLab({
    name: "move",
    stack: "lab",
    set: { endpoint: `https://${c1.address}:6443`, apps: networkAlone("move"), nodes: [c1], allowSchedulingOnControlPlanes: true },
  });
  await step("a cluster of one node", () => lab.up());
  await lab.writeCredentials();
  const before = await look(lab);
  const kubeconfig = await lab.stackOutput<string>("kubeconfig");

  const config = join(lab.folder, "controlplane.yaml");
  const ip = c1.address.replace(/^\d+/, "127");
  writeFileSync(config, await lab.output("talosctl", "-n", ip, "get", "machineconfig", "v1alpha1", "-o", "jsonpath={.spec}"), {
    mode: 0o600,
  });
  const bundle = await lab.output("talosctl", "gen", "secrets", "--from-controlplane-config", config, "-o", "-");
  onTestFinished(() => rmSync(join(root, template), { force: true }));
  writeFileSync(join(root, template), `${reference}\n`);
  // What a person pastes into 1Password.
  writeFileSync(join(lab.folder, "values.json"), JSON.stringify({ [reference]: bundle }), { mode: 0o600 });
  await lab.declare({ secrets: { source: "onepassword", template } });

  const refused = await lab.tool("pulumi", ["preview", "--non-interactive", "--color=never"]);
  expect(refused.all).toMatch(/-secrets-generated" cannot be deleted\s+because it is protected/);
  await lab.output("pulumi", "state", "unprotect", "--all", "--yes");
  // The same PKI: no step and no machine config is another.
  expect(await lab.up()).toEqual({ same: expect.any(Number), delete: 1 });
  expect(await look(lab)).toEqual(before);
  expect(await lab.stackOutput<string>("kubeconfig")).toBe(kubeconfig);
  expect(await lab.up()).toEqual({ same: expect.any(Number) });
});
