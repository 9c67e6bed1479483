import { beforeEach, describe, expect, test } from "vitest";
import { useCluster } from "./support/cluster.ts";
import { controlPlane, nodeIn } from "./support/rolling.ts";
import { type Answer, answers, type EtcdMember, type Phase, prints } from "./support/world.ts";

// The machine at c3's address is in maintenance mode, and etcd has c3 still: by another address, which the other nodes can reach.
const [c1, c2, c3, peer, moved] = ["127.207.14.1", "127.207.14.2", "127.207.14.3", "10.5.0.3", "10.5.0.33"] as const;
const members: EtcdMember[] = [c1, c2, peer].map((address, i) => ({ hostname: `c${i + 1}`, address }));
const { world, api, kubeconfig } = await useCluster(c1, c2, c3);
beforeEach(() => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "maintenance" });
  api.resources.clear();
  api.resources.set("/api/v1/nodes/c3", nodeIn("c3", "boot-1"));
});

/** What answers: c1 and c2, which are well, with what else does. */
const cluster = (more: Phase["nodes"], all = members): Phase["nodes"] => ({
  [c1]: { ...controlPlane({ hostname: "c1" }, all, 0), "get members": discovered, kubeconfig, "etcd remove-member": {} },
  [c2]: { ...controlPlane({ hostname: "c2" }, all, 1), "get members": discovered, kubeconfig },
  [c3]: answers.maintenance,
  ...more,
});
const discovered = prints.specs({ machineType: "controlplane", hostname: "c3", addresses: [moved] });
const status = (own: number, errors = ""): Record<string, Answer> => ({ "etcd status": prints.etcdStatus(own, 0, errors) });
const remove = (timeout: string) =>
  world.run("remove-node delete", {
    NODE_HOSTNAME: "c3",
    NODE_ADDRESS: c3,
    NODE_ROLE: "controlplane",
    NODE_GENERATION: "1",
    CONTROL_PLANE: JSON.stringify([c1, c2, c3].map((address, i) => ({ hostname: `c${i + 1}`, address }))),
    DRAIN_TIMEOUT: "20",
    ALLOW_DESTROY: "false",
    NODE_TIMEOUT: timeout,
  });
const removals = () => world.calls.filter(({ words }) => words.startsWith("etcd remove-member")).map(({ words }) => words);
const answering =
  /^remove-node: etcd member c3 \(10\.5\.0\.3\) answers, so it is not c3 .*Nothing was removed.*at 10\.5\.0\.33?, called c3/m;

describe("a member whose machine seems gone stays", () => {
  test.each<[string, ...Phase[]]>([
    ["with an alarm", { nodes: cluster({ [peer]: status(2, "alarm:NOSPACE") }) }],
    ["at an address of which discovery alone knows", { nodes: cluster({ [moved]: status(2) }) }],
    ["after a call that it missed", { until: "version", nodes: cluster({}) }, { nodes: cluster({ [peer]: status(2) }) }],
  ])("while it answers: %s", async (_, ...phases) => {
    world.talosctl(...phases);
    expect(await remove("20")).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(answering) });
    expect(removals()).toEqual([]);
  });

  test("while a node of the cluster is at its address and does not say which member it is", async () => {
    world.talosctl({ nodes: cluster({ [peer]: { version: prints.version("v1.13.3") } }) });
    const { exitCode, stderr } = await remove("1");
    expect(stderr).toMatch(
      /Waited \d s for etcd to be rid of c3 .*: a node of this cluster is at 10\.5\.0\.3, and does not say which member/,
    );
    expect(exitCode).toBe(1);
    expect(removals()).toEqual([]);
  });

  test("while discovery cannot be asked where else it may be", async () => {
    const nodes = cluster({});
    for (const node of [c1, c2]) delete nodes[node]?.["get members"];
    world.talosctl({ nodes });
    expect(await remove("1")).toMatchObject({ exitCode: 1 });
    expect(removals()).toEqual([]);
  });
});

test("a member goes after nobody has answered as it for a while, though another does at its address", async () => {
  const others = { [peer]: status(0), [moved]: status(1) };
  world.talosctl({ until: "etcd remove-member", nodes: cluster(others) }, { nodes: cluster(others, members.slice(0, 2)) });
  const { exitCode, stdout, stderr } = await remove("10");
  expect(stdout, stderr).toContain("its etcd member was removed");
  expect(stderr).toContain("nobody answers as its member; that is to stay so for 1 s");
  expect(exitCode).toBe(0);
  expect(removals()).toEqual(["etcd remove-member 3fe7a6bd1e0ab4b1"]);
});
