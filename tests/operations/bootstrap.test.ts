import { afterAll, beforeAll, expect, test } from "vitest";
import { talosCa } from "./support/pki.ts";
import { type Answer, answers, prints, World } from "./support/world.ts";

const [c1, c2, c3] = ["127.207.2.1", "127.207.2.2", "127.207.2.3"] as const;
let world: World;
beforeAll(async () => {
  world = await World.start([c1, c2, c3]);
});
afterAll(() => world.stop());

const bootstrap = (variables: Record<string, string> = {}) =>
  world.run("bootstrap", {
    CONTROL_PLANE: JSON.stringify([c1, c2, c3].map((address, i) => ({ hostname: `c${i + 1}`, address }))),
    NODE_HOSTNAME: "c1",
    NODE_ADDRESS: c1,
    BACKUP_DIR: "no-backups",
    ...variables,
  });
const asked = () => world.calls.filter(({ words }) => words === "bootstrap").map(({ address }) => address);
const accepted: Record<string, Answer> = { bootstrap: {} };

test("a new cluster is started once, on the bootstrap node, and proved", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "maintenance" });
  const others = { [c2]: answers.waiting, [c3]: answers.maintenance };
  const starting = { ...answers.waiting, "service etcd": prints.service("Running"), "list /var/lib/etcd": prints.list("member") };
  world.talosctl(
    { until: "bootstrap", nodes: { [c1]: { ...answers.waiting, ...accepted }, ...others } },
    { until: "list", nodes: { [c1]: answers.waiting, ...others } }, // accepted, and not begun yet: it is not asked again
    { until: "service etcd", nodes: { [c1]: starting, ...others } },
    { nodes: { [c1]: answers.member, ...others } },
  );
  const { exitCode, stdout, stderr } = await bootstrap();
  expect(stderr).toContain("phoebe: starting etcd on c1 (127.207.2.1)");
  expect(stdout).toBe(
    "Cluster phoebe was started on c1 (127.207.2.1). Now reboot the workers that run (talosctl reboot), then npm run up -- --refresh.",
  );
  expect(exitCode).toBe(0);
  expect(asked()).toEqual([c1]);
});

test("no secret is in an argument or in talosctl's environment, and its credentials are private and go", async () => {
  expect(world.calls.length).toBeGreaterThan(0);
  for (const call of world.calls) {
    expect(call.secretSeen).toBe(false);
    expect(call.modes ?? ["700", "600"]).toEqual(["700", "600"]);
    for (const secret of [world.authority.key, talosCa(world.authority)]) expect(call.args.join(" ")).not.toContain(secret);
  }
  expect(world.leftovers).toEqual([]);
});

test("a new cluster with an even number of control plane nodes is refused before anything is asked for", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  world.talosctl({ nodes: { [c1]: { ...answers.waiting, ...accepted }, [c2]: answers.waiting } });
  const two = [c1, c2].map((address, i) => ({ hostname: `c${i + 1}`, address }));
  const { exitCode, stderr } = await bootstrap({ CONTROL_PLANE: JSON.stringify(two) });
  expect(stderr).toContain("not started with 2 control plane nodes");
  expect(exitCode).toBe(1);
  expect(asked()).toEqual([]);
});

test("a member anywhere means that the cluster exists, whatever the bootstrap node looks like", async () => {
  for (const mode of ["ours", "maintenance", "foreign"] as const) {
    world.set({ [c1]: mode, [c2]: "ours" }); // c3 hangs up
    world.talosctl({ nodes: { [c1]: { ...answers.waiting, ...answers.maintenance, ...accepted }, [c2]: answers.member } });
    const { exitCode, stdout } = await bootstrap();
    expect(stdout).toBe("Cluster phoebe exists (c2 (127.207.2.2): has etcd data).");
    expect(exitCode).toBe(0);
    expect(asked()).toEqual([]);
  }
});

test("an unknown node is waited for, and named when the time is over", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  const cut = { "service etcd": prints.service("Preparing"), "list /var/lib/etcd": { stderr: "no such file or directory", code: 1 } };
  world.talosctl({ nodes: { [c1]: { ...answers.waiting, ...accepted }, [c2]: cut } });
  const { exitCode, stderr } = await bootstrap({ NODE_TIMEOUT: "1" });
  expect(stderr).toMatch(/waiting for the control plane nodes of phoebe: .+/);
  expect(stderr).toMatch(/c2 \(127.207.2.2\): no such file or directory; c3 \(127.207.2.3\): .*repair those nodes/);
  expect(exitCode).toBe(1);
  expect(asked()).toEqual([]);
});

test("an empty folder is not believed before etcd's preparation: the disk may not be mounted", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
  const booting = { ...answers.waiting, "service etcd": prints.service("Waiting") };
  world.talosctl({ nodes: { [c1]: { ...answers.waiting, ...accepted }, [c2]: booting, [c3]: answers.waiting } });
  const { exitCode, stderr } = await bootstrap({ NODE_TIMEOUT: "1" });
  expect(stderr).toContain("c2 (127.207.2.2): its etcd is Waiting and has no data");
  expect(exitCode).toBe(1);
  expect(asked()).toEqual([]);
});

test("somebody else's node is a failure at once", async () => {
  world.set({ [c1]: "ours", [c2]: "foreign", [c3]: "refusing" });
  world.talosctl({ nodes: { [c1]: { ...answers.waiting, ...accepted } } });
  const { exitCode, stderr } = await bootstrap();
  expect(stderr).toMatch(/somebody else's: c2 \(127.207.2.2\): .*; c3 \(127.207.2.3\): /);
  expect(exitCode).toBe(1);
  expect(asked()).toEqual([]);
});

test("a lost race is looked at again, and an early call is repeated", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
  const rest = { [c2]: answers.waiting, [c3]: answers.waiting };
  const early = {
    bootstrap: { stderr: "error executing bootstrap: rpc error: code = FailedPrecondition desc = bootstrap is not available yet", code: 1 },
  };
  const late = {
    bootstrap: { stderr: "error executing bootstrap: rpc error: code = AlreadyExists desc = etcd data directory is not empty", code: 1 },
  };
  world.talosctl(
    { until: "bootstrap", nodes: { [c1]: { ...answers.waiting, ...early }, ...rest } },
    { until: "read", nodes: { [c1]: { ...answers.waiting, ...early }, ...rest } },
    { nodes: { [c1]: { ...answers.member, ...late }, ...rest } },
  );
  const { exitCode, stdout, stderr } = await bootstrap();
  expect(stderr).toContain("bootstrap is not available yet");
  expect(stdout).toContain("Cluster phoebe exists");
  expect(exitCode).toBe(0);
});

test("the bootstrap node has to be one of the control plane", async () => {
  const { exitCode, stderr } = await bootstrap({ NODE_ADDRESS: "127.207.2.9" });
  expect(stderr).toBe("bootstrap: CONTROL_PLANE does not hold the bootstrap node c1 (127.207.2.9).");
  expect(exitCode).toBe(2);
});
