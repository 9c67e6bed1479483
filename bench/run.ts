/**
 * What `npm run bench` prints: what a run of the stack spends its time on. Machines differ, so each figure that matters stands beside another one of
 * the same run: a preview beside that of an empty program, one node beside fifty.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameOf } from "../tests/lab/harness/events.ts";
import { Lab } from "../tests/lab/harness/lab.ts";
import { onePatch, talosUpgrade } from "./changes.ts";
import { controlPlane, workers } from "./nodes.ts";
import { line, timed } from "./report.ts";
import { figures, seconds } from "./statistics.ts";

const rounds = 5;

/** Bare machines to a cluster, and what of it took longest. */
async function bringUp(lab: Lab): Promise<void> {
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
}

/** The preview that is run many times a day, beside that of a program that declares nothing. */
async function unchanged(lab: Lab): Promise<void> {
  const empty = join(lab.folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(empty, "Pulumi.yaml"), "name: empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
  writeFileSync(join(empty, "package.json"), '{ "name": "empty", "private": true, "type": "module", "main": "index.ts" }\n');
  writeFileSync(join(empty, "index.ts"), "export {};\n");
  const inEmpty = { cwd: empty, env: { PULUMI_OPTION_STACK: "", PULUMI_OPTION_CONFIG_FILE: "" } };
  const created = await lab.tool("pulumi", ["stack", "init", "empty"], inEmpty);
  if (created.exitCode !== 0) throw new Error(String(created.all));

  const preview =
    (options = {}) =>
    async () => {
      const { exitCode, all } = await lab.tool("pulumi", ["preview", "--non-interactive"], options);
      if (exitCode !== 0) throw new Error(String(all));
    };
  const times: Record<"empty" | "stack" | "up", number[]> = { empty: [], stack: [], up: [] };
  for (let round = 0; round < rounds; round++) {
    times.empty.push(await timed(preview(inEmpty)));
    times.stack.push(await timed(preview()));
    times.up.push(await timed(() => lab.up()));
  }
  line("pulumi preview, an empty program", seconds(figures(times.empty)));
  line("pulumi preview, unchanged, 4 nodes", seconds(figures(times.stack)));
  line("  against the empty program", `${(figures(times.stack).median / figures(times.empty).median).toFixed(2)} times`);
  line("pulumi up, unchanged, 4 nodes", seconds(figures(times.up)));
}

/** What one more node costs in a preview. */
async function perNode(): Promise<void> {
  const medians: number[] = [];
  const sizes = [1, 50];
  for (const size of sizes) {
    const lab = new Lab({
      name: `bench-${size}`,
      stack: "lab",
      set: { endpoint: "https://10.140.0.250:6443", nodes: [...controlPlane(1), ...workers(size)] },
    });
    try {
      await lab.start();
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await timed(() => lab.output("pulumi", "preview", "--non-interactive")));
      line(`pulumi preview of a new cluster, ${size} worker${size === 1 ? "" : "s"}`, seconds(figures(times)));
      medians.push(figures(times).median);
    } finally {
      await lab.stop();
    }
  }
  const [few = 0, many = 0] = medians;
  line("  one more node", `${(((many - few) / 49) * 1000).toFixed(0)} ms`);
}

const lab = new Lab({
  name: "bench",
  stack: "lab",
  set: { endpoint: "https://10.140.0.250:6443", nodes: [...controlPlane(3), ...workers(1)] },
});
try {
  await lab.start();
  await bringUp(lab);
  await unchanged(lab);
  await talosUpgrade(lab, "v1.13.4");
} finally {
  await lab.stop();
}
await perNode();
await onePatch();
