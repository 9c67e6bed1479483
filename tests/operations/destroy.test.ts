import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, expect, test } from "vitest";
import { nodeObject } from "./support/api-server.ts";
import { useCluster } from "./support/cluster.ts";
import { readLines } from "./support/lines.ts";
import { answers, type EtcdMember, node, type Phase, prints, repository } from "./support/world.ts";

const [c1, c2, c3, w1] = ["127.207.30.1", "127.207.30.2", "127.207.30.3", "127.207.30.11"] as const;
const { world, api, kubeconfig } = await useCluster(c1, c2, c3, w1);
for (const name of ["pulumi", "pulumi-resource-command"]) symlinkSync(node, join(world.folder, name));
// What the engine was called with is what tells a destroy: node takes the first word for its program.
for (const verb of ["up", "destroy"]) symlinkSync(join(import.meta.dirname, "support/engine.mjs"), join(world.folder, verb));
beforeEach(() => {
  api.requests.length = 0;
  api.resources.clear();
  api.resources.set("/readyz", "ok");
  for (const name of ["c1", "c2", "c3", "w1"]) api.resources.set(`/api/v1/nodes/${name}`, nodeObject(name, "True"));
});

const members: EtcdMember[] = [c1, c2, c3].map((address, i) => ({ hostname: `c${i + 1}`, address }));
const control = JSON.stringify(members);

/** Removes a node as `pulumi <verb>` does, and gives what it said; a deletion that fails ends with `exit 1`. */
async function remove(verb: "up" | "destroy", hostname: string, address: string, variables: Record<string, string> = {}) {
  const env = {
    ...world.environment,
    ENGINE: "pulumi",
    NODE_HOSTNAME: hostname,
    NODE_ADDRESS: address,
    NODE_ROLE: hostname.startsWith("c") ? "controlplane" : "worker",
    NODE_GENERATION: "1",
    NODE_TIMEOUT: "4",
    CONTROL_PLANE: control,
    DRAIN_TIMEOUT: "20",
    ALLOW_DESTROY: "true",
    ...variables,
  };
  const script = `cd ${repository} && ${node} operations/remove-node.ts delete >&2; echo exit $? >&2`;
  const engine = execa(join(world.folder, "pulumi"), [verb, world.folder, script], {
    cwd: world.folder,
    env,
    extendEnv: false,
    reject: false,
    stdin: "pipe",
    buffer: false,
  });
  const { lines, until } = readLines(engine.stderr);
  await until("exit ");
  engine.kill("SIGKILL");
  return lines.join("\n");
}

const silent = { code: 1, stderr: "etcdserver: no leader" };
const own = (hostname: string) => ({ "get hostname": prints.spec({ hostname }), "get volumestatus": prints.volumes(), reset: {} });
const lost = { ...answers.member, "etcd members": silent, "etcd status": silent, kubeconfig: silent };
/** Until it is reset a node answers so; then it waits in maintenance mode. */
const resetting = (address: string, nodes: Phase["nodes"]): Phase[] => [
  { until: "reset", after: [[address, "maintenance"]], nodes },
  { nodes: { ...nodes, [address]: answers.maintenance } },
];
const resets = () => world.calls.flatMap(({ address, words }) => (words.startsWith("reset") ? `${address} ${words.split(" ")[1]}` : []));

test("a cluster whose etcd has lost its quorum is destroyed without grace", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  const cluster = { [c1]: { ...own("c1"), ...lost }, [w1]: own("w1") };
  world.talosctl(...resetting(w1, cluster));
  expect(await remove("destroy", "w1", w1)).toMatch(
    /w1 .* does not leave in good order, since all of the cluster goes: .*no leader(.*\n)+w1 .127.207.30.11. was reset; its cluster, which is destroyed, was not told.\nexit 0/,
  );
  expect(resets()).toEqual([`${w1} --graceful=false`]);
  world.talosctl(...resetting(c1, cluster));
  expect(await remove("destroy", "c1", c1)).toContain("exit 0");
  expect(resets()).toEqual([`${c1} --graceful=false`]);
});

test("but a single node of it is not removed, nor any where nobody said that it may be destroyed", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  const nodes = { [c1]: { ...own("c1"), ...lost }, [w1]: own("w1") };
  world.talosctl({ nodes });
  expect(await remove("up", "c1", c1)).toMatch(/for etcd to be able to do without c1 .*\nexit 1/);
  expect(await remove("destroy", "c1", c1, { ALLOW_DESTROY: "false" })).toMatch(/for etcd to be able to do without c1 .*\nexit 1/);
  expect(resets()).toEqual([]);
});

test("a node that does not answer stays, with the way by hand", async () => {
  world.set({ [c1]: "ours" });
  world.talosctl({ nodes: { [c1]: { ...own("c1"), ...lost } } });
  expect(await remove("destroy", "w1", w1)).toMatch(
    /Where etcd has no quorum nothing can be forgotten: wipe the machine by hand.*\nexit 1/,
  );
});

test("a cluster that answers is left in good order, and a node without which it would not is reset all the same", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
  const member = (i: number) => ({
    ...own(`c${i + 1}`),
    ...answers.member,
    "etcd members": prints.members(...members),
    "etcd status": prints.etcdStatus(i, 0),
    "etcd remove-member": {},
    kubeconfig,
  });
  const left = { ...member(0), "etcd members": prints.members(...members.slice(0, 2)) };
  const [before, after] = resetting(c3, { [c1]: member(0), [c2]: member(1), [c3]: member(2) });
  world.talosctl(before as Phase, { nodes: { ...after?.nodes, [c1]: left, [c2]: left } });
  expect(await remove("destroy", "c3", c3)).toMatch(/c3 .* was reset; its Kubernetes Node was deleted.\nexit 0/);
  expect(resets()).toEqual([`${c3} --graceful=true`]);

  const nodes = { [c1]: member(0), [c2]: { ...own("c2"), ...lost }, [c3]: member(2) };
  world.talosctl(...resetting(c3, nodes));
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
  expect(await remove("destroy", "c3", c3)).toMatch(/etcd would lose its quorum: .*c2(.*\n)+.*was not told.\nexit 0/);
  expect(resets()).toEqual([`${c3} --graceful=false`]);
});
