/** A new Talos and a patch that needs a reboot, changed together, rolled over five control plane nodes. */
import { expect, test } from "vitest";
import { departures, overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { allReady, kubernetesNodes } from "./harness/kubernetes.ts";
import { nodes } from "./harness/nodes.ts";
import { nothingIsLeftToDo } from "./harness/settled.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";

const hostnames = [1, 2, 3, 4, 5].map((n) => `five-ctrl-0${n}`);

test("five control plane nodes boot a new Talos, then a patch, never two of them away at once", async () => {
  const files = new StackFiles("five");
  files.virtualIp("10.125.0.8");
  const lab = await startLab({
    name: "five",
    stack: "lab",
    set: {
      endpoint: "https://10.125.0.8:6443",
      nodes: nodes("five", "10.125.0", 5),
      apps: networkAlone("five"),
      allowSchedulingOnControlPlanes: true,
      ...files.set,
    },
  });
  await step("five control plane nodes", () => lab.up());
  await lab.writeCredentials();

  // Talos up to 1.13 takes udev's rules at a boot alone.
  files.patch("global/udev.yaml", `machine: { udev: { rules: ['SUBSYSTEM=="drm", GROUP="44"'] } }\n`);
  await lab.config("talosVersion", "v1.13.4");
  await step("a Talos version and a patch that needs a reboot", () => lab.up());
  const machines = await lab.machines();
  expect(departures(machines)).toEqual([...hostnames, ...hostnames]);
  for (const why of ["upgrade", "reboot"]) expect(departures(machines, why), why).toEqual(hostnames);
  expect(overlaps(machines)).toEqual([]);
  expect(await kubernetesNodes(lab)).toEqual(allReady(...hostnames));
  for (const { address } of machines) {
    const config = await lab.output(
      "talosctl",
      ..."get machineconfig v1alpha1 --output=yaml".split(" "),
      "--nodes",
      address,
      "--endpoints",
      address,
    );
    expect(config).toContain('SUBSYSTEM=="drm"');
  }
  await nothingIsLeftToDo(lab);
});
