import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiServer } from "./support/api-server.ts";
import { database } from "./support/rolling.ts";
import { answers, prints, World } from "./support/world.ts";

const c1 = "127.207.16.1";
const snapshot = "phoebe-20261120T164500Z-before-talos-v1.13.3-kubernetes-v1.36.3.db";
let world: World;
let api: ApiServer;
let backups: string;
beforeAll(async () => {
  world = await World.start([c1]);
  world.set({ [c1]: "ours" });
  api = await ApiServer.make(c1);
  api.resources.set("/readyz", {});
  await api.start();
  backups = join(world.folder, "backups");
});
afterAll(async () => {
  await api.stop();
  await world.stop();
});

const bootstrap = (words = "", variables: Record<string, string> = {}) =>
  world.run(`bootstrap ${words}`.trim(), {
    CONTROL_PLANE: JSON.stringify([{ hostname: "c1", address: c1 }]),
    NODE_HOSTNAME: "c1",
    NODE_ADDRESS: c1,
    BACKUP_DIR: backups,
    ...variables,
  });
const asked = () => world.calls.filter(({ words }) => words.startsWith("bootstrap")).map(({ words }) => words);
/** It waits until it is told to start, and is then a member. */
async function waits(): Promise<void> {
  const kubeconfig = await api.kubeconfig();
  world.talosctl(
    { until: "bootstrap", nodes: { [c1]: { ...answers.waiting, bootstrap: {} } } },
    { nodes: { [c1]: { ...answers.member, kubeconfig } } },
  );
}

test("a cluster that ran before is not started empty by an update, wherever its snapshots are", async () => {
  await waits();
  const { exitCode, stderr } = await bootstrap("update");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Cluster phoebe is not started: it ran before, and no control plane node has its data any more.");
  expect(stderr).toContain(`No snapshot of it is in ${backups} on this machine`);
  expect(stderr).toContain("npm run operation -- bootstrap c1 --recover-from <snapshot>\n");
  expect(stderr).toContain("npm run operation -- bootstrap c1 --empty\n");
  expect(asked()).toEqual([]);
});

test("an update of a cluster that exists starts nothing", async () => {
  world.talosctl({ nodes: { [c1]: answers.member } });
  expect(await bootstrap("update")).toMatchObject({ exitCode: 0, stdout: `Cluster phoebe exists (c1 (${c1}): has etcd data).` });
});

test("a new cluster of a name of which there are snapshots is asked about, with the newest of them; others' do not count", async () => {
  mkdirSync(backups);
  writeFileSync(join(backups, "phoebe-lab-20270101T000000Z-x.db"), "");
  await waits();
  expect(await bootstrap()).toMatchObject({
    exitCode: 0,
    stdout: `Cluster phoebe was started on c1 (${c1}). Now reboot the workers that run (talosctl reboot), then npm run up -- --refresh.`,
  });

  for (const name of ["phoebe-20260101T000000Z-x.db", snapshot]) writeFileSync(join(backups, name), "");
  await waits();
  const { exitCode, stderr } = await bootstrap();
  expect(exitCode).toBe(1);
  expect(stderr).toContain("there are snapshots of a cluster of that name. The newest snapshot is ");
  expect(stderr).toContain(`bootstrap c1 --recover-from ${join(backups, snapshot)}\n`);
  expect(asked()).toEqual([]);
});

test("it begins with what a person says, and then its API answers", async () => {
  const whole = database(world.folder, true);
  for (const [words, call] of [
    ["--empty", "bootstrap"],
    [`--recover-from ${whole}`, `bootstrap --recover-from ${whole}`],
  ] as const) {
    await waits();
    expect(await bootstrap(words)).toMatchObject({
      exitCode: 0,
      stdout: `Cluster phoebe was started on c1 (${c1}). Now reboot the workers that run (talosctl reboot), then npm run up -- --refresh.`,
    });
    expect(asked()).toEqual([call]);
  }
});

test("a snapshot that is not whole, or not there, is found out before anything is asked", async () => {
  await waits();
  for (const [path, problem] of [
    [database(world.folder, false), "its digest is not the one that etcd sent with it"],
    ["backups/none.db", "there is no such file"],
  ] as const) {
    const { exitCode, stderr } = await bootstrap(`--recover-from ${path}`);
    expect(stderr).toBe(`bootstrap: The snapshot ${path} cannot be recovered from: ${problem}. Nothing was changed.`);
    expect(exitCode).toBe(2);
  }
  expect((await bootstrap(`--empty --recover-from ${database(world.folder, true)}`)).exitCode).toBe(2);
  expect(world.calls).toEqual([]);
});

test("a person's word is not passed over where the cluster exists", async () => {
  world.talosctl({ nodes: { [c1]: answers.member } });
  for (const words of ["--empty", `--recover-from ${database(world.folder, true)}`]) {
    const { exitCode, stderr } = await bootstrap(words);
    expect(stderr).toContain(`Cluster phoebe exists (c1 (${c1}): has etcd data): nothing was started.`);
    expect(exitCode).toBe(1);
  }
});

test("what does not answer may have the old cluster: nothing is recovered beside it", async () => {
  const gone = { ...answers.waiting, "service etcd": prints.service("Waiting"), bootstrap: {} };
  world.talosctl({ nodes: { [c1]: gone } });
  const { exitCode, stderr } = await bootstrap(`--recover-from ${database(world.folder, true)}`, { NODE_TIMEOUT: "1" });
  expect(stderr).toContain("its etcd is Waiting and has no data");
  expect(exitCode).toBe(1);
  expect(asked()).toEqual([]);
});
