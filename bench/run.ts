/**
 * What `npm run bench` prints: what a run of the stack spends its time on. Machines differ, so each figure that matters stands beside another one of
 * the same run: a preview beside that of an empty program, one node beside fifty.
 */
import { execa } from "execa";
import { Lab, root } from "../tests/lab/harness/lab.ts";
import { bringUp, compare } from "./bring-up.ts";
import { buildHelm, byHand } from "./by-hand.ts";
import { onePatch, talosUpgrades } from "./changes.ts";
import { memoryOf } from "./memory.ts";
import { controlPlane, workers } from "./nodes.ts";
import { previewsByNodes, previewsOfPhoebe } from "./previews.ts";
import { line, timed } from "./report.ts";

async function fourNodes(measure: (lab: Lab) => Promise<void>): Promise<void> {
  const nodes = [...controlPlane(3), ...workers(1)];
  // The cluster's keys are there beforehand, as they are for the plain script: how long it takes to make them is luck, and may be seconds.
  const secrets = { source: "onepassword" };
  const lab = new Lab({ name: "bench", stack: "lab", set: { endpoint: "https://10.140.0.250:6443", nodes, secrets } });
  try {
    await lab.start();
    await measure(lab);
  } finally {
    await lab.stop();
  }
}

await buildHelm();
await fourNodes(async (lab) => {
  const stack = await bringUp(lab);
  line("the lab at rest, 4 nodes", `${memoryOf(lab).toFixed(1)} GiB`);
  const script = await byHand(lab);
  compare(stack, await script());
});
await fourNodes(async (lab) => {
  await lab.up();
  await talosUpgrades(lab, "v1.13.4", "v1.13.5");
});
line("npm run validate, all stacks", `${(await timed(() => execa("npm", ["run", "--silent", "validate"], { cwd: root }))).toFixed(1)} s`);
await previewsOfPhoebe();
await previewsByNodes([1, 10, 50]);
await onePatch();
