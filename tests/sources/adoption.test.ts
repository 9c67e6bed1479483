import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import type { Declaration } from "../../cluster/declaration.ts";
import { makeUpSecrets } from "../../commands/talosctl.ts";
import { lookAtAdopted } from "../../sources/adoption.ts";
import { tellOrigins } from "../../sources/chart-origins.ts";
import { app, declaration, node } from "../components/fixtures.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "phoebe-adoption-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A cluster none of whose nodes answers. */
async function switchedOff(): Promise<Declaration> {
  const bundle = parse(await makeUpSecrets("v1.13"));
  return declaration({
    adopt: ["kube-system/cilium"],
    secrets: { source: "onepassword", bundle },
    nodes: [node("c1", "controlplane", 1, { address: "127.134.255.1" }), node("c2", "controlplane", 2, { address: "127.134.255.2" })],
  });
}

test("where nothing is to be adopted, nobody is asked", async () => {
  const declared = declaration();
  expect(await lookAtAdopted(root, declared, false)).toEqual({ declaration: declared });
});

test("a preview that cannot ask the cluster imports nothing, and says so", async () => {
  const { declaration, unseen } = await lookAtAdopted(root, await switchedOff(), true);
  expect(unseen).toMatch(/is not known: https:\/\/127\.134\.255\.1:6443: .+; https:\/\/127\.134\.255\.2:6443: .+ will be adopted\.$/);
  expect(declaration.releases.map(({ adopted }) => adopted)).toEqual([{ id: undefined }, undefined, undefined]);
});

test("an up that cannot ask the cluster changes nothing", async () => {
  await expect(lookAtAdopted(root, await switchedOff(), false)).rejects.toThrow(/adopt: Which of the releases .* Nothing was changed/);
});

test("the provider finds the charts of what it imports, whatever their versions, at the paths that are declared", () => {
  const record = (name: string, version: string) => ({ secret: "", status: "deployed", revision: 1, chart: { name, version } });
  tellOrigins(root, "demo", [
    { app: app("kube-system", "cilium"), records: [record("cilium", "1.19.0")] },
    { app: app("flux-system", "flux2"), records: [record("flux2", "2.18.3")] },
  ]);
  const read = (path: string) => parse(readFileSync(join(root, path), "utf8"));
  expect(read(".charts/demo/repositories.yaml").repositories).toEqual([{ name: "./.charts/demo", url: "./.charts/demo" }]);
  expect(read(".charts/demo-index.yaml").entries).toEqual({
    cilium: [{ apiVersion: "v2", name: "kube-system-cilium.tgz", version: "1.19.0" }],
    flux2: [{ apiVersion: "v2", name: "flux-system-flux2.tgz", version: "2.18.3" }],
  });
});
