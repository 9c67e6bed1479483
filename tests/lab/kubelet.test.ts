/** A worker whose kubelet does not run ends no pod: what takes a reboot, and mends it, is made all the same. */
import { expect, test } from "vitest";
import { networkAlone } from "./harness/apps.ts";
import { watchEvictions } from "./harness/evictions.ts";
import { allReady, kubernetesNodes, runsOn, tenant } from "./harness/kubernetes.ts";
import { boots, look } from "./harness/machines.ts";
import { nodes } from "./harness/nodes.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";
import { succeeds } from "./harness/ups.ts";

test("a worker whose kubelet is dead has its pods evicted, and is rebooted with a config that mends it", async () => {
  const files = new StackFiles("kubelet");
  const declared = nodes("kubelet", "10.147.0", 1, 2);
  const [, w1 = "", w2 = ""] = declared.map(({ hostname }) => hostname);
  const set = { endpoint: "https://10.147.0.11:6443", apps: networkAlone("kubelet"), nodes: declared, ...files.set };
  const lab = await startLab({ name: "kubelet", stack: "lab", set });
  await step("one control plane node and two workers", () => lab.up());
  await lab.writeCredentials();
  await tenant(lab, "tenant", w1);
  const before = await look(lab);

  await step("a kubelet is stopped by hand, by a feature gate that it does not know", async () => {
    const gate = { machine: { kubelet: { extraConfig: { featureGates: { MemoryManager: true } } } } };
    const node = before[w1]?.address ?? "";
    const args = ["--nodes", node, "--endpoints", node, "--mode=no-reboot", "--patch", JSON.stringify(gate)];
    await lab.output("talosctl", "patch", "machineconfig", ...args);
    await expect.poll(() => kubernetesNodes(lab), { timeout: 120_000 }).toMatchObject({ [w1]: "NotReady" });
  });

  await step("its pod is evicted and not waited for, and the reboot mends it", async () => {
    const evictions = await watchEvictions(lab, "tenant");
    files.patch("worker/udev.yaml", `machine: { udev: { rules: ['SUBSYSTEM=="drm", GROUP="44"'] } }\n`);
    const { text } = await succeeds(lab, { NODE_TIMEOUT: "60" });
    expect(text).toMatch(new RegExp(`evicted, but not waited for, since nothing on node ${w1} ends a pod: default/tenant`));
    expect(boots(before, await look(lab))).toEqual({ [w1]: 1, [w2]: 1 });
    expect(await kubernetesNodes(lab)).toEqual(allReady(...declared.map(({ hostname }) => hostname)));
    await expect.poll(() => evictions.seen, { timeout: 30_000 }).toContainEqual({ node: w1, at: expect.any(String) });
    await evictions.stop();
    await expect.poll(() => runsOn(lab, "tenant"), { timeout: 30_000 }).toHaveLength(1);
  });
});
