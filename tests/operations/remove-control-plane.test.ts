import { describe, expect, test } from "vitest";
import { called, member, resetting, useRemovals, wipe } from "./support/removals.ts";
import { type Answer, answers, prints } from "./support/world.ts";

const [c1, c2] = ["127.207.62.1", "127.207.62.2"] as const;
const { world, kubeconfig, members, remove, resets, changes } = await useRemovals(c1, c2);
const [m1, m2] = members;

describe("a control plane node", () => {
  test("loses what it has on partitions of its own too, and is not reset where it does not say which they are", async () => {
    world.set({ [c1]: "ours", [c2]: "maintenance" });
    const own = (volumes: Answer) => ({ ...called("c1"), ...member(0, m1), "get volumestatus": volumes });
    world.talosctl(
      ...resetting(c1, {
        [c1]: own(prints.volumes({ ETCD: "/dev/sda6", LOG: "/dev/sdb1", "u-data": "/dev/sdb2" })),
        [c2]: answers.maintenance,
      }),
    );
    expect(await remove("c1", c1, { ALLOW_DESTROY: "true" })).toMatchObject({ exitCode: 0 });
    expect(resets()).toEqual([`${c1} reset --graceful=false ${wipe} --system-labels-to-wipe ETCD --system-labels-to-wipe LOG`]);

    for (const [volumes, why] of [
      [{ code: 1, stderr: "unavailable" }, "unavailable"],
      [prints.volumes({ STATE: "" }), "it does not say where it has STATE"],
      [{ stdout: "" }, "it does not say where it has STATE and EPHEMERAL"],
    ] as const) {
      world.set({ [c1]: "ours", [c2]: "maintenance" });
      world.talosctl({ nodes: { [c1]: own(volumes), [c2]: answers.maintenance } });
      const { exitCode, stderr } = await remove("c1", c1, { ALLOW_DESTROY: "true", NODE_TIMEOUT: "0.3" });
      expect(stderr).toMatch(new RegExp(`for the volumes of c1 .*: ${why}`));
      expect(exitCode).toBe(1);
      expect(resets()).toEqual([]);
    }
  });

  test("leaves etcd where the quorum allows it", async () => {
    world.set({ [c1]: "ours", [c2]: "ours" });
    const peer = { kubeconfig, ...member(0, m1, m2) };
    world.talosctl(
      ...resetting(c2, { [c2]: { ...called("c2"), ...member(1, m1, m2) }, [c1]: peer }, { [c1]: { kubeconfig, ...member(0, m1) } }),
    );
    const { exitCode, stdout, stderr } = await remove("c2", c2);
    expect(stdout, stderr).toBe("c2 (127.207.62.2) was reset; its Kubernetes Node was deleted.");
    expect(exitCode).toBe(0);
    expect(resets()).toEqual([`${c2} reset --graceful=true ${wipe}`]);
  });

  test("stays where it does not, or where that is not known", async () => {
    world.set({ [c1]: "ours", [c2]: "ours" });
    world.talosctl({ nodes: { [c2]: { ...called("c2"), ...member(1, m1, m2) } } });
    expect(await remove("c2", c2, { NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("would lose its quorum: of the 1 other members 1 have to be healthy"),
    });
    world.talosctl({ nodes: { [c2]: { ...called("c2"), ...answers.member } } });
    expect(await remove("c2", c2, { NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("its members are not known: c2 (127.207.62.2)"),
    });
    expect(resets()).toEqual([]);
    expect(changes()).toEqual([]);
  });

  test("that is the last member goes only with the cluster: undrained, and nobody is left to ask for its Node", async () => {
    world.set({ [c1]: "ours", [c2]: "maintenance" });
    const own = { ...called("c1"), ...member(0, m1) };
    world.talosctl({ nodes: { [c1]: own, [c2]: answers.maintenance } });
    expect(await remove("c1", c1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("it is the last etcd member") });
    expect(resets()).toEqual([]);

    world.talosctl(...resetting(c1, { [c1]: own, [c2]: answers.maintenance }));
    const { exitCode, stdout } = await remove("c1", c1, { ALLOW_DESTROY: "true" });
    expect(stdout).toBe("c1 (127.207.62.1) was reset; no control plane node is left that could hold its Kubernetes Node.");
    expect(exitCode).toBe(0);
    expect(resets()).toEqual([`${c1} reset --graceful=false ${wipe}`]);
  });

  test("that came back empty has its member removed through another", async () => {
    world.set({ [c1]: "ours", [c2]: "maintenance" });
    const peer = { kubeconfig, "etcd remove-member": {} };
    world.talosctl(
      { until: "etcd remove-member", nodes: { [c1]: { ...peer, ...member(0, m1, m2) }, [c2]: answers.maintenance } },
      { nodes: { [c1]: { ...peer, ...member(0, m1) }, [c2]: answers.maintenance } },
    );
    const { exitCode, stdout } = await remove("c2", c2);
    expect(stdout).toBe("c2 (127.207.62.2) was in maintenance mode already; its etcd member was removed; its Kubernetes Node was deleted.");
    expect(exitCode).toBe(0);
    expect(world.calls.filter(({ words }) => words.startsWith("etcd remove-member")).map(({ address, words }) => [address, words])).toEqual(
      [[c1, "etcd remove-member 2fe7a6bd1e0ab4b1"]],
    );
  });
});
