import { afterEach, beforeEach, expect, test } from "vitest";
import { useCluster } from "./support/cluster.ts";
import { controlPlane, nodeIn, podsIn, rollingVariables } from "./support/rolling.ts";
import { podsOfPlane } from "./support/static-pods.ts";
import { type Answer, answers, type EtcdMember, type Phase, prints } from "./support/world.ts";

/** The declared addresses; the members have joined by others, which nobody here can reach: a storage network's. */
const declared = ["127.207.32.1", "127.207.32.2", "127.207.32.3"] as const;
const [c1, c2, c3] = declared;
const peers = ["10.5.0.1", "10.5.0.2", "10.5.0.3"] as const;
const members: EtcdMember[] = peers.map((address, i) => ({ hostname: `c${i + 1}`, address }));
const { world, api, kubeconfig } = await useCluster(...declared);
beforeEach(() => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
  api.resources.clear();
  api.resources.set("/readyz", {});
  api.resources.set("/api/v1/pods", podsIn());
  for (const name of ["c1", "c3"]) api.resources.set(`/api/v1/nodes/${name}`, nodeIn(name, "boot-2"));
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("c1", "boot-2"), nodeIn("c3", "boot-2")] });
});
// What is at a peer address is asked through a node that is reachable.
afterEach(() => expect(world.calls.filter(({ endpoint }) => peers.some((peer) => peer === endpoint))).toEqual([]));

const variables = (i: number) => ({
  ...rollingVariables(world.folder, `c${i + 1}`, declared[i] ?? ""),
  NODE_GENERATION: "1",
  CONTROL_PLANE: JSON.stringify(declared.map((address, i) => ({ hostname: `c${i + 1}`, address }))),
  ALLOW_DESTROY: "false",
});
/** What a member answers at both of its addresses, the third one leading. */
const says = (i: number, version = "v1.13.3", boot = "boot-2", all = members): Record<string, Answer> => ({
  ...controlPlane({ hostname: `c${i + 1}`, version, boot, kubernetes: "v1.36.3" }, all, i, 2),
  "get nodeaddress": prints.spec({ addresses: [`${peers[i]}/24`, `${declared[i]}/24`] }),
  "etcd remove-member": {},
  "get volumestatus": prints.volumes(),
  reset: {},
  kubeconfig,
});
const at = (i: number, answers: Record<string, Answer>): Phase["nodes"] => ({ [declared[i] ?? ""]: answers, [peers[i] ?? ""]: answers });
const asked = (words: string) => world.calls.filter((call) => call.words.startsWith(words));

test("a member is spared, upgraded and proved", async () => {
  const rest = { ...at(1, says(1)), ...at(2, says(2)) };
  world.talosctl(
    { until: "upgrade", nodes: { ...rest, ...at(0, says(0, "v1.12.6", "boot-1")) } },
    { nodes: { ...rest, ...at(0, says(0)) } },
  );
  const { exitCode, stderr } = await world.run("upgrade-talos", variables(0));
  expect(exitCode, stderr).toBe(0);
  const others = asked("etcd status").filter(({ address }) => address !== c1);
  expect(new Set(others.map(({ address, endpoint }) => `${address} through ${endpoint}`))).toEqual(
    new Set([`10.5.0.2 through ${c1}`, `10.5.0.3 through ${c1}`]),
  );
});

test("another one's API server is asked at the address at which it can be", async () => {
  const config = (server: string) => `machine: {token: x}\ncluster:\n  apiServer: {certSANs: [${server}]}\n`;
  const running = { stdout: `${JSON.stringify({ metadata: { id: "v1alpha1" }, spec: config("a") })}\n` };
  const differs = { stderr: "Dry run summary:\nApplied configuration without a reboot (skipped in dry-run).\nConfig diff:\n\n+x\n" };
  const own = { ...says(0), "get machineconfig": running, "apply-config --dry-run": differs };
  world.talosctl({ nodes: { ...at(0, own), ...at(1, says(1)), ...at(2, says(2)) } });
  const reconfigure = (timeout: string) => world.run("reconfigure", { ...variables(0), NODE_TIMEOUT: timeout }, config("b"));
  const second = api.beside(c2);
  second.resources.set("/readyz", {});
  second.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c2"]));
  await second.start();
  const { stderr, exitCode } = await reconfigure("1");
  await second.stop();
  expect(stderr).toMatch(/API servers beside c1 \(127\.207\.32\.1\): c3 \(10\.5\.0\.3\): .*ECONNREFUSED 127\.207\.32\.3:6443/);
  expect(stderr).not.toMatch(/c2 \(10\.5\.0\.2\)/);
  expect(exitCode).toBe(1);
  expect(second.requests).toContain("GET /readyz");
});

test("a member leaves, found by what its own etcd says", async () => {
  const all = at(2, { ...says(2), "get hostname": prints.spec({ hostname: "c3" }) });
  const two = members.slice(0, 2);
  const rest = { ...at(0, says(0)), ...at(1, says(1)) };
  world.talosctl(
    { until: "reset", after: [[c3, "maintenance"]], nodes: { ...rest, ...all } },
    { nodes: { ...at(0, says(0, "v1.13.3", "boot-2", two)), ...at(1, says(1, "v1.13.3", "boot-2", two)), [c3]: answers.maintenance } },
  );
  const { exitCode, stdout, stderr } = await world.run("remove-node delete", variables(2));
  expect(stdout, stderr).toBe("c3 (127.207.32.3) was reset; its Kubernetes Node was deleted.");
  expect(exitCode).toBe(0);
});

test("one that is lost is found by its name and removed, but not while it answers", async () => {
  const rest = { ...at(0, says(0)), ...at(1, says(1)) };
  const came = { [c3]: answers.maintenance };
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "maintenance" });
  world.talosctl({ nodes: { ...rest, ...at(2, says(2)), ...came } });
  expect(await world.run("remove-node delete", variables(2))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("etcd member c3 (10.5.0.3) answers, so it is not c3 (127.207.32.3)'s"),
  });
  expect(asked("etcd remove-member")).toEqual([]);

  const two = members.slice(0, 2);
  world.talosctl(
    { until: "etcd remove-member", nodes: { ...rest, ...came } },
    { nodes: { ...at(0, says(0, "v1.13.3", "boot-2", two)), ...at(1, says(1, "v1.13.3", "boot-2", two)), ...came } },
  );
  expect(await world.run("remove-node delete", variables(2))).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("its etcd member was removed"),
  });
  expect(asked("etcd remove-member").map(({ address, words }) => [address, words])).toEqual([[c1, "etcd remove-member 3fe7a6bd1e0ab4b1"]]);
});
