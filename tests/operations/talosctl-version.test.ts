import { beforeEach, describe, expect, test } from "vitest";
import { problemOf } from "../../operations/lib/talosctl/version.ts";
import { controlPlane, nodeIn, schematic, worker } from "./support/rolling.ts";
import { useUpgrades } from "./support/upgrades.ts";

const [c1, w1] = ["127.207.29.1", "127.207.29.11"] as const;
const cluster = await useUpgrades(c1, w1);
const { world, api, kubeconfig } = cluster;

describe("which talosctl is too old", () => {
  test.each([
    ["v1.13.0", []],
    ["v1.13.0", ["v1.12.6", "v1.13.9"]],
    ["v1.15.2", ["v1.14.1"]],
    ["v1.14.0-rc.1", ["v1.14.0"]],
  ])("%s will do, for Kubernetes on Talos %j", (own, talos) => expect(problemOf(own, talos)).toBeUndefined());

  test.each([
    ["v1.12.9", [], "1.13"],
    ["v1.13.0-beta.1", [], "1.13"],
    ["v1.13.9", ["v1.13.9", "v1.14.0"], "1.14"],
  ])("%s will not, for Kubernetes on Talos %j", (own, talos, needed) => {
    expect(problemOf(own, talos)).toBe(
      `talosctl on PATH is ${own}, and this takes ${needed} or newer: install that from github.com/siderolabs/talos/releases, then run this again`,
    );
  });
});

describe("one that is too old", () => {
  const members = [{ hostname: "c1", address: c1 }];
  const nodes = {
    [c1]: { ...controlPlane({ hostname: "c1" }, members), kubeconfig },
    [w1]: worker({ hostname: "w1", discovered: [c1] }),
  };
  beforeEach(() => {
    cluster.reset();
    world.client = "v1.12.4";
    world.talosctl({ nodes });
    api.resources.set("/api/v1/nodes/w1", nodeIn("w1", "boot-1"));
  });
  const said = "talosctl on PATH is v1.12.4, and this takes 1.13 or newer";

  test("is refused before a node is touched: nothing is pulled, cordoned or drained", async () => {
    const { exitCode, stderr } = await cluster.upgrade("w1", w1);
    expect(stderr).toContain(`upgrade-talos: w1 (${w1}) is left as it is. ${said}`);
    expect(exitCode).toBe(1);
    expect(world.calls.filter(({ words }) => /^(image|upgrade)/.test(words))).toEqual([]);
    expect(api.requests).toEqual([]);
  });

  const snapshot = (variables: Record<string, string>) =>
    world.run("snapshot-etcd", {
      NODES: JSON.stringify([
        { hostname: "c1", address: c1, role: "controlplane", schematicId: schematic },
        { hostname: "w1", address: w1, role: "worker", schematicId: schematic },
      ]),
      TALOS_VERSION: "v1.12.6",
      KUBERNETES_VERSION: "v1.35.4",
      BACKUP_DIR: "backups",
      ...variables,
    });

  test("is said by the first script of a rollout, and not asked for where nothing changes", async () => {
    const { exitCode, stderr } = await snapshot({ TALOS_VERSION: "v1.13.3" });
    expect(stderr).toContain(`snapshot-etcd: No node was touched, for there is no way to what is declared:\n${said}`);
    expect(exitCode).toBe(1);
    expect(await snapshot({})).toMatchObject({ exitCode: 0 });
  });

  test("for Kubernetes on a newer Talos is said there too, and for Talos alone will do", async () => {
    world.client = "v1.11.0";
    world.talosctl({ nodes });
    expect(await snapshot({ KUBERNETES_VERSION: "v1.35.5" })).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("v1.11.0") });

    const [running, discovered] = [{ version: "v1.13.9" }, [c1]];
    const newer = {
      [c1]: { ...controlPlane({ hostname: "c1", ...running }, members), "etcd snapshot": { code: 1, stderr: "as far as it should go" } },
      [w1]: worker({ hostname: "w1", discovered, ...running }),
    };
    world.client = "v1.13.2";
    world.talosctl({ nodes: newer });
    const next = { TALOS_VERSION: "v1.14.0" };
    expect(await snapshot(next)).toMatchObject({ stderr: expect.stringContaining("as far as it should go") });
    expect(await snapshot({ ...next, KUBERNETES_VERSION: "v1.36.3" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("talosctl on PATH is v1.13.2, and this takes 1.14 or newer"),
    });
  });
});
