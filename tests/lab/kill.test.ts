/** Killed anywhere and run again, `pulumi up` converges with no reset: `pulumi cancel && pulumi up` is all that is needed. */
import { expect, test } from "vitest";
import { type KillPoint, killedUp, scriptRuns, stepOf, type Victim } from "./harness/kill.ts";
import type { Lab } from "./harness/lab.ts";
import { nodes } from "./harness/nodes.ts";
import { alive, type Process } from "./harness/processes.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";

const apply = "talos:machine/configurationApply:ConfigurationApply";
const command = "command:local:Command";
const release = "kubernetes:helm.sh/v3:Release";

/** A release is inside its installation once Helm's record of it is there. */
async function pendingInstall(lab: Lab): Promise<void> {
  const kubeconfig = await lab.kubeconfigOfNode();
  const watch = lab.tool("kubectl", [
    `--kubeconfig=${kubeconfig}`,
    ..."get secrets -A -l owner=helm,status=pending-install --watch -o name".split(" "),
  ]);
  await new Promise<void>((resolve, reject) => {
    watch.stdout?.once("data", () => resolve());
    watch.then((ended) => reject(new Error(`the watch ended: ${String(ended.all)}`)), reject);
  });
  watch.kill();
}

const points: readonly (KillPoint & { readonly victims: readonly Victim[] })[] = [
  { what: "the first node's apply", at: stepOf(apply, /ctrl-01/), victims: ["CLI", "tree"] },
  { what: "the bootstrap", at: stepOf(command, /bootstrap/), inside: scriptRuns, victims: ["CLI", "tree"] },
  { what: "the wait for the API", at: stepOf(command, /api/), inside: scriptRuns, victims: ["CLI", "tree"] },
  { what: "inside the release cilium", at: stepOf(release, /cilium/), inside: pendingInstall, victims: ["CLI", "tree"] },
];

test("killed at each point, by the CLI alone and with the whole tree, it converges and the next run changes nothing", async () => {
  const files = new StackFiles("kill");
  files.virtualIp("10.101.0.8");
  const lab = await startLab({
    name: "kill",
    stack: "lab",
    set: {
      endpoint: "https://10.101.0.8:6443",
      ...files.set,
      nodes: nodes("kill", "10.101.0", 3, 1),
    },
  });
  const outlived: Process[] = [];
  for (const point of points) {
    for (const victim of point.victims) {
      outlived.push(...(await killedUp(lab, victim, point)).processes);
      await lab.output("pulumi", "cancel", "--yes");
    }
  }
  await lab.up();
  const scripts = outlived.filter((process) => process.arguments.some((argument) => argument.includes("operations/")));
  expect(scripts.length, "scripts of killed runs were looked at").toBeGreaterThan(0);
  expect(scripts.filter(alive), "a script of a killed run is still there").toEqual([]);
  await lab.writeCredentials();
  expect(await lab.etcdClusters()).toHaveLength(1);
  expect(await lab.up()).toEqual({ same: expect.any(Number) });
});
