import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { basePatch, patchesFor, strayLayers } from "../../cluster/patches.ts";
import type { Cluster, Node } from "../../cluster/schema.ts";

const controller = { hostname: "c1", role: "controlplane", installDisk: "/dev/sda" } as Node;
const worker = { hostname: "w1", role: "worker", installDisk: { type: "nvme" } } as Node;
const cluster = { nodes: [controller, worker], talosContract: "v1.13", allowSchedulingOnControlPlanes: true } as Cluster;
const image = "factory.talos.dev/metal-installer/id:v1.13.3";
const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS());

describe("the layers of a node", () => {
  const files = [
    "nodes/c1/a.yaml",
    "controller/b.yaml",
    "controller/a.yaml",
    "worker/a.yaml",
    "global/z.yaml",
    "global/b.yaml",
    "nodes/w1/a.yaml",
  ].map((path) => ({
    path,
    text: path,
  }));

  test("are global, role, node, and alphabetical in each", () => {
    expect(patchesFor(cluster, controller, image, files).slice(1)).toEqual([
      "global/b.yaml",
      "global/z.yaml",
      "controller/a.yaml",
      "controller/b.yaml",
      "nodes/c1/a.yaml",
    ]);
    expect(patchesFor(cluster, worker, image, files).slice(1)).toEqual([
      "global/b.yaml",
      "global/z.yaml",
      "worker/a.yaml",
      "nodes/w1/a.yaml",
    ]);
  });

  test("do not depend on the order in which the files were found", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(patchesFor(cluster, controller, image, shuffled)).toEqual(patchesFor(cluster, controller, image, files));
      }),
    );
  });

  test("pass the text through as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(patchesFor(cluster, controller, image, [{ path: "global/a.yaml", text }]).at(-1)).toBe(text);
      }),
    );
  });

  test("that no node takes from are found, with the one that was meant", () => {
    const strays = (paths: string[], nodes: Cluster["nodes"] | undefined = cluster.nodes) =>
      strayLayers(nodes, [...files, ...paths.map((path) => ({ path, text: "" }))]);
    expect(strays(["nodes/c9/a.yaml", "golbal/a.yaml", "a.yaml", "global/more/a.yaml"])).toEqual([
      { path: "nodes/c9", repair: "is no layer of this cluster; did you mean nodes/c1?" },
      { path: "golbal", repair: "is no layer of this cluster; did you mean global?" },
      { path: "", repair: expect.stringContaining("layers are global, controller, worker and nodes/<hostname>") },
      { path: "global/more", repair: expect.stringContaining("is no layer") },
    ]);
  });

  test("of any hostname are taken where the nodes are not known", () => {
    expect(strayLayers(undefined, [{ path: "nodes/c9/a.yaml", text: "" }])).toEqual([]);
  });
});

describe("the stack's own patch", () => {
  test("of a control plane node", () => {
    expect(documents(basePatch(cluster, controller, image))).toEqual([
      {
        machine: { install: { image, disk: "/dev/sda" } },
        cluster: {
          network: { cni: { name: "none" } },
          proxy: { disabled: true },
          coreDNS: { disabled: true },
          allowSchedulingOnControlPlanes: true,
        },
      },
      { apiVersion: "v1alpha1", kind: "HostnameConfig", auto: "off", hostname: "c1" },
    ]);
  });

  test("of a worker", () => {
    expect(documents(basePatch(cluster, worker, image))[0]).toEqual({
      machine: { install: { image, diskSelector: { type: "nvme" } } },
      cluster: { network: { cni: { name: "none" } } },
    });
  });

  test("writes the hostname where the contract knows it", () => {
    const [older, ...rest] = documents(basePatch({ ...cluster, talosContract: "v1.11" }, controller, image));
    expect(older).toMatchObject({ machine: { network: { hostname: "c1" } } });
    expect(rest).toEqual([]);
  });
});
