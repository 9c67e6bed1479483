import { describe, expect, test } from "vitest";
import { cautions, type Looked } from "../../cluster/cautions.ts";

const node = (
  role: "controlplane" | "worker" = "controlplane",
  changes: Partial<Looked["nodes"][number]> = {},
): Looked["nodes"][number] => ({
  role,
  address: "10.1.0.1",
  arch: "amd64",
  image: { file: "schematic.yaml", kernelArguments: [] },
  configPatches: [],
  ...changes,
});
const cluster = (changes: Partial<Looked> = {}): Looked => ({
  talosVersion: "v1.13.3",
  talosContract: "v1.13",
  secureBoot: false,
  allowDestroy: false,
  allowDowngrade: false,
  allowQuorumLoss: false,
  endpoint: "https://10.1.0.1:6443",
  nodes: [node()],
  releases: [],
  manifests: [],
  ...changes,
});

describe("members of etcd", () => {
  const members = (count: number) => cluster({ nodes: [...Array.from({ length: count }, () => node()), node("worker")] });

  test.each([1, 3, 5])("%i control plane nodes are nothing to speak of", (count) => {
    expect(cautions(members(count))).toEqual([]);
  });

  test.each([2, 4])("%i control plane nodes are", (count) => {
    expect(cautions(members(count))).toEqual([{ path: "nodes", repair: expect.stringContaining(`declare ${count - 1} or ${count + 1}.`) }]);
  });
});

describe("a schematic's kernel arguments", () => {
  const image = { file: "own.yaml", kernelArguments: ["iommu=pt"] };
  const born = (talosContract: string, changes: Partial<Looked["nodes"][number]> = {}, others: Partial<Looked> = {}) =>
    cautions(cluster({ talosContract, nodes: [node("controlplane", { image, ...changes })], ...others }));
  const caution = (repair: string) => [{ path: "own.yaml: extraKernelArgs", repair: expect.stringContaining(repair) }];

  test("may be ignored by GRUB where the cluster was born before Talos 1.12", () => {
    expect(born("v1.11")).toEqual(caution("(talosContract v1.11): set machine.install.grubUseUKICmdline: true in a patch"));
    expect(born("v1.9", { arch: "arm64" })).toEqual(caution("grubUseUKICmdline"));
    expect(born("v1.11", {}, { talosVersion: "v1.11.5" })).toEqual(caution("name them under machine.install.extraKernelArgs in a patch"));
  });

  test.each<[string, Looked["nodes"][number]["configPatches"]]>([
    ["says where GRUB has them from", ["machine: { time: {} }", "kind: Other\n---\nmachine: { install: { grubUseUKICmdline: true } }"]],
    ["names the arguments itself", ["machine: { install: { extraKernelArgs: [iommu=pt] } }"]],
  ])("are settled where a patch %s", (_, configPatches) => {
    expect(born("v1.11", { configPatches })).toEqual([]);
  });

  test("are used where no GRUB is, or the config says so, and are told once for each schematic", () => {
    expect(born("v1.12")).toEqual([]);
    expect(born("v1.11", {}, { secureBoot: true })).toEqual([]);
    expect(born("v1.11", { arch: "arm64" })).toEqual([]);
    expect(born("v1.11", { image: { ...image, kernelArguments: [] } })).toEqual([]);
    const three = Array.from({ length: 3 }, () => node("controlplane", { image }));
    expect(cautions(cluster({ talosContract: "v1.11", nodes: three }))).toHaveLength(1);
  });
});

describe("a guard that was lifted for one occasion", () => {
  const lifted = (changes: Partial<Looked>, members = 3) =>
    cautions(cluster({ nodes: Array.from({ length: members }, () => node()), ...changes })).filter(({ path }) => path.startsWith("allow"));
  const back = (path: string) => [{ path, repair: expect.stringMatching(`^is true: .* npx pulumi config rm ${path} && npm run up$`) }];

  test("is told for as long as it stays so", () => {
    expect(lifted({ allowDestroy: true })).toEqual(back("allowDestroy"));
    expect(lifted({ allowDowngrade: true })).toEqual(back("allowDowngrade"));
    expect(lifted({})).toEqual([]);
  });

  test("may stay so where two etcd members need it", () => {
    expect(lifted({ allowQuorumLoss: true })).toEqual(back("allowQuorumLoss"));
    expect(lifted({ allowQuorumLoss: true }, 1)).toEqual(back("allowQuorumLoss"));
    expect(lifted({ allowQuorumLoss: true }, 2)).toEqual([]);
  });
});

test("an endpoint that nothing holds", () => {
  expect(cautions(cluster({ endpoint: "https://10.1.0.9:6443" }))).toEqual([
    { path: "endpoint", value: "10.1.0.9", repair: expect.stringContaining("nothing declared here answers") },
  ]);
});

test("a release without its chart's digest, unless a mirror of the owner's own has it", () => {
  const release = { namespace: "kube-system", name: "dns", chart: "coredns", version: "1.2.3" };
  const releases = [release, { ...release, name: "other", digest: `sha256:${"0".repeat(64)}` }];
  expect(cautions(cluster({ releases }))).toEqual([
    { path: "kube-system/dns/release.yaml: digest", repair: expect.stringContaining("sha256sum .charts/*/coredns-1.2.3.tgz") },
  ]);
  expect(cautions(cluster({ releases, chartMirror: "https://charts.example.org" }))).toEqual([]);
});
