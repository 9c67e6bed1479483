/**
 * What `npm run bench` prints: what a run of the stack spends its time on. Machines differ, so each figure that matters stands beside another one of
 * the same run: a preview beside that of an empty program, one node beside fifty.
 */
import { nameOf } from "../tests/lab/harness/events.ts";
import { Lab } from "../tests/lab/harness/lab.ts";
import { buildHelm, byHand } from "./by-hand.ts";
import { onePatch, talosUpgrades } from "./changes.ts";
import { memoryOf } from "./memory.ts";
import { controlPlane, workers } from "./nodes.ts";
import { previewsByNodes, previewsOfPhoebe } from "./previews.ts";
import { line, timed } from "./report.ts";

/** Bare machines to a cluster, and what of it took longest. */
async function bringUp(lab: Lab): Promise<number> {
  const run = lab.begin("up");
  const starts = new Map<string, number>();
  const steps: { name: string; took: number }[] = [];
  run.events.each(({ resourcePreEvent: begun, resOutputsEvent: done }) => {
    // A component lasts as long as what is in it.
    if (begun !== undefined && !/^(phoebe|pulumi):/.test(begun.metadata.type)) starts.set(begun.metadata.urn, performance.now());
    const start = done && starts.get(done.metadata.urn);
    if (done !== undefined && start !== undefined)
      steps.push({ name: nameOf(done.metadata.urn), took: (performance.now() - start) / 1000 });
  });
  const took = await timed(async () => {
    const { exitCode, all } = await run.process;
    if (exitCode !== 0) throw new Error(all);
  });
  line("pulumi up, 4 bare machines to Flux", `${took.toFixed(1)} s`);
  for (const { name, took: part } of steps.sort((a, b) => b.took - a.took).slice(0, 6)) line(`  ${name}`, `${part.toFixed(1)} s`);
  return took;
}

async function fourNodes(measure: (lab: Lab) => Promise<void>): Promise<void> {
  const nodes = [...controlPlane(3), ...workers(1)];
  const lab = new Lab({ name: "bench", stack: "lab", set: { endpoint: "https://10.140.0.250:6443", nodes } });
  try {
    await lab.start();
    await measure(lab);
  } finally {
    await lab.stop();
  }
}

await buildHelm();
await fourNodes(async (lab) => {
  const took = await bringUp(lab);
  line("the lab at rest, 4 nodes", `${memoryOf(lab).toFixed(1)} GiB`);
  const script = await byHand(lab);
  const plain = await timed(script);
  line("the same by talosctl and Helm alone", `${plain.toFixed(1)} s`);
  line("  against that", `${(took / plain).toFixed(2)} times`);
});
await fourNodes(async (lab) => {
  await lab.up();
  await talosUpgrades(lab, "v1.13.4", "v1.13.5");
});
await previewsOfPhoebe();
await previewsByNodes([1, 10, 50]);
await onePatch();
