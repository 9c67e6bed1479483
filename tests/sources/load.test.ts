import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseCluster } from "../../cluster/parse.ts";
import { readApps } from "../../sources/apps.ts";
import { readPatches } from "../../sources/patches.ts";
import { readSchematics } from "../../sources/schematics.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "phoebe-load-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const cluster = (nodes: object[] = [{}]) =>
  parseCluster({
    clusterName: "demo",
    endpoint: "https://10.1.0.1:6443",
    talosVersion: "v1.13.3",
    talosContract: "v1.13",
    kubernetesVersion: "v1.36.3",
    allowSchedulingOnControlPlanes: true,
    secrets: { source: "generated" },
    nodes: nodes.map((node, index) => ({
      hostname: `c${index}`,
      role: "controlplane",
      address: `10.1.0.${index}`,
      installDisk: "/dev/sda",
      ...node,
    })),
  });

describe("patches", () => {
  test("are read with their layer, text as it is", () => {
    write({ "patches/global/b.yaml": "machine: {}\n", "patches/nodes/c0/a.yml": "debug: true # x\n", "patches/README.md": "no patch" });
    expect(readPatches(root, cluster())).toEqual([
      { path: "global/b.yaml", text: "machine: {}\n" },
      { path: "nodes/c0/a.yml", text: "debug: true # x\n" },
    ]);
  });

  test("of a node that is not declared, and such that are not YAML, are all told", () => {
    write({ "patches/nodes/c9/a.yaml": "debug: true", "patches/global/a.yaml": "machine: [" });
    expect(() => readPatches(root, cluster())).toThrow(
      /2 problems\n.*patches\/nodes\/c9: is no layer of this cluster.*\n.*patches\/global\/a\.yaml:1:11: is not valid YAML/,
    );
  });

  test("with half a reference are told", () => {
    write({ "patches/global/a.yaml": "machine: { token: op://vault/item }\n" });
    expect(() => readPatches(root, cluster())).toThrow("patches/global/a.yaml:1: machine.token: is no reference; expected op://<vault>");
  });

  test("in JSON are told rather than passed over", () => {
    write({ "patches/global/a.json": "{}" });
    expect(() => readPatches(root, cluster())).toThrow("patches/global/a.json: is not read");
  });

  test("folder that is missing is told", () => {
    expect(() => readPatches(root, cluster())).toThrow('patches: "patches": there is no such folder');
  });
});

describe("schematics", () => {
  test("are the cluster's, unless a node names its own", () => {
    write({ "schematic.yaml": "customization: {}", "own.yaml": "customization: { extraKernelArgs: [noapic, nolapic] }" });
    const schematics = readSchematics(root, cluster([{}, { schematic: "own.yaml" }]));
    expect(schematics.get("c0")?.id).toMatch(/^3765/);
    expect(schematics.get("c1")?.id).toMatch(/^9cba/);
  });

  test("that are missing are told with who names them", () => {
    write({ "schematic.yaml": "" });
    expect(() => readSchematics(root, cluster([{}, { schematic: "own.yaml" }]))).toThrow(
      'c1: schematic: "own.yaml": there is no such file',
    );
  });
});

describe("apps", () => {
  const release = "chart: demo\nversion: 1.2.3\nrepository: https://charts.example.org\nlifecycle: managed\n";

  test("are the directories of a directory, which is a namespace", () => {
    write({
      "apps/kube-system/cni/release.yaml": `${release}cni: true\n`,
      "apps/kube-system/cni/values.yaml": "replicas: 2\n",
      "apps/kube-system/namespace.yaml": "metadata:\n  name: kube-system\n  labels: { level: high }\n",
      "apps/demo/one/release.yaml": release,
      "apps/empty/.gitkeep": "",
    });
    const { namespaces, apps } = readApps(root, "apps");
    expect(namespaces.map(({ name, labels }) => [name, labels])).toEqual([
      ["demo", {}],
      ["empty", {}],
      ["kube-system", { level: "high" }],
    ]);
    expect(apps.map(({ namespace, name, values }) => [namespace, name, values])).toEqual([
      ["kube-system", "cni", { replicas: 2 }],
      ["demo", "one", {}],
    ]);
  });

  const shared = { "apps/kube-system/cni/release.yaml": `${release}cni: true\n`, "apps/kube-system/namespace.yaml": "" };

  test("of several folders are as those of one", () => {
    write({
      ...shared,
      "own/kube-system/cni/after/endpoint.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: endpoint }\n",
      "own/kube-system/manifests/key.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: key }\n",
      "own/demo/one/release.yaml": release,
    });
    const { namespaces, apps, manifests } = readApps(root, ["apps", "own"]);
    expect(namespaces.map(({ name }) => name)).toEqual(["demo", "kube-system"]);
    expect(apps.map(({ name }) => name)).toEqual(["cni", "one"]);
    expect(manifests.map(({ namespace, release: after, objects }) => [namespace, after?.name, objects.map(({ where }) => where)])).toEqual([
      ["kube-system", undefined, ["own/kube-system/manifests/key.yaml:1:1"]],
      ["kube-system", "cni", ["own/kube-system/cni/after/endpoint.yaml:1:1"]],
    ]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "a release twice",
      { "own/kube-system/cni/release.yaml": release },
      /^own\/kube-system\/cni: .*\n.*kube-system\/cni is declared in apps\/kube-system\/cni already/,
    ],
    [
      "values for another's release",
      { "own/kube-system/cni/values.yaml": "", "own/kube-system/cni/after/a.yaml": "" },
      /kube-system\/cni is declared in apps\/kube-system\/cni already; a further folder adds after\/ to it, and nothing else/,
    ],
    [
      "after/ of no release",
      { "own/demo/one/after/a.yaml": "" },
      /own\/demo\/one: one problem\n.*release\.yaml: is missing; a directory below a namespace/,
    ],
    [
      "a namespace twice",
      { "own/kube-system/namespace.yaml": "" },
      /own\/kube-system\/namespace\.yaml: .*\n.*has its labels from apps\/kube-system\/namespace\.yaml already/,
    ],
    ["a folder that is missing", {}, /apps: "own": there is no such folder/],
  ])("with %s in several folders are refused", (_, files, expected) => {
    write({ ...shared, ...files });
    expect(() => readApps(root, ["apps", "own"])).toThrow(expected);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["a directory without a release", { "apps/demo/one/values.yaml": "" }, /apps\/demo\/one: one problem\n.*release\.yaml: is missing/],
    [
      "a stray folder in a release",
      { "apps/demo/one/release.yaml": release, "apps/demo/one/afer/a.yaml": "" },
      /apps\/demo\/one\/afer: is no folder of a release; .* stands in after\//,
    ],
    [
      "a namespace of another name",
      { "apps/demo/namespace.yaml": "metadata: { name: dmeo }" },
      /metadata\.name: "dmeo": differs from the directory's name, demo/,
    ],
    [
      "a namespace with more than labels",
      { "apps/demo/namespace.yaml": "spec: {}" },
      /spec: is not a known key; known are apiVersion, kind, metadata/,
    ],
    [
      "references to 1Password where none is resolved",
      {
        "apps/demo/namespace.yaml": "metadata:\n  labels: { a: op://v/i/f }\n",
        "apps/demo/one/values.yaml": "auth:\n  password: op://v/i/f\n  url: https://me:op://v/i/f@host\n",
        "apps/demo/one/release.yaml": release.replace("https://", "op://"),
      },
      /namespace\.yaml:2:16: metadata\.labels\.a: .*\n[\s\S]*release\.yaml:3:13: repository: .*\n.*values\.yaml:2:13: auth\.password: .*; keep the value in a Secret, .* apps\/demo\/manifests\/.*\n.*values\.yaml:3:8: auth\.url/,
    ],
    ["a release that is not YAML", { "apps/demo/one/release.yaml": "chart: [" }, /release\.yaml: one problem\n.*is not valid YAML/],
  ])("with %s are refused", (_, files, expected) => {
    write({ "apps/kube-system/cni/release.yaml": `${release}cni: true\n`, ...files });
    expect(() => readApps(root, "apps")).toThrow(expected);
  });
});

test("what the project itself ships is in order", () => {
  for (const path of ["apps", "patches", "stacks", "schematic.yaml"]) cpSync(path, join(root, path), { recursive: true });
  expect(readApps(root, ["apps", "stacks/phoebe/apps"]).apps.map(({ name }) => name)).toEqual(["cilium", "coredns", "flux2"]);
  expect(readPatches(root, { ...cluster(), patches: "patches" }).map(({ path }) => path)).toEqual([
    "controller/cluster.yaml",
    "global/machine-files.yaml",
    "global/machine-kubelet.yaml",
    "global/machine-network.yaml",
    "global/machine-sysctls.yaml",
    "global/machine-time.yaml",
  ]);
  expect(() => readPatches(root, { ...cluster(), patches: "stacks/lab/patches" })).not.toThrow();
  const homelab = cluster(
    ["ryzen", "intel", "m1"].map((hostname) => ({ hostname, schematic: `stacks/homelab/schematics/${hostname}.yaml` })),
  );
  expect(() => readPatches(root, { ...homelab, patches: "stacks/homelab/patches" })).not.toThrow();
  expect(new Set([...readSchematics(root, homelab).values()].map(({ id }) => id)).size).toBe(3);
});
