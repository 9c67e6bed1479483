/** What is lost, a machine or the state, never leads to a second etcd cluster. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { look } from "./harness/machines.ts";
import { nodes } from "./harness/nodes.ts";
import { startLab } from "./harness/start.ts";

test("with a control plane node wiped, and then with the state lost, a further up starts no second etcd cluster", async () => {
  const lab = await startLab({
    name: "recovery",
    stack: "lab",
    set: {
      endpoint: "https://10.104.0.8:6443",
      nodes: nodes("rec", "10.104.0", 3),
      allowSchedulingOnControlPlanes: true,
    },
  });
  await lab.up();
  await lab.writeCredentials();
  const [members, ...others] = await lab.etcdClusters();
  expect(members?.split(" ")).toHaveLength(3);
  expect(others).toEqual([]);

  // The node that etcd was bootstrapped on comes back empty: Talos itself would bootstrap it again if asked.
  await lab.machine("rec-ctrl-01", "wipe");
  const wiped = await lab.begin("up").process;
  expect(wiped.all).toMatch(/\nResources:\n +~ 1 updated\n +\d+ unchanged\n/);
  expect(wiped.all).toMatch(/pulumi:providers:kubernetes lab-kubernetes updated/); // it speaks to another node
  expect(wiped.exitCode).toBe(0);
  expect((await look(lab))["rec-ctrl-01"]).toMatchObject({ configured: false });
  expect(await lab.etcdClusters()).toEqual([members]);

  await lab.output("pulumi", "stack", "rm", "--yes", "--force", "--preserve-config");
  rmSync(join(lab.folder, "state"), { recursive: true, force: true });
  await lab.command(["start"]);
  const lost = await lab.begin("up").process;
  expect(lost.all).toContain(
    "snapshot-etcd: No node of lab was touched, because a declared node is somebody else's: " +
      "rec-ctrl-02 (127.104.0.12): its certificate is from another CA than lab's; " +
      "rec-ctrl-03 (127.104.0.13): its certificate is from another CA than lab's. Correct its address, ",
  );
  expect(lost.exitCode).toBe(1);
  expect((await look(lab))["rec-ctrl-01"]).toMatchObject({ configured: false });
  expect(await lab.etcdClusters()).toEqual([members]);
});
