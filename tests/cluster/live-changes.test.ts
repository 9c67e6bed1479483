import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { changesBetween, placeOf } from "../../cluster/config-changes.ts";
import { areInert, areQuiet, isByVersion, madeAnew, needingReboot } from "../../cluster/live-changes.ts";

const base = {
  version: "v1alpha1",
  machine: { type: "worker", sysctls: { "vm.max": "1" }, kubelet: { image: "k:v1" } },
  cluster: { id: "x" },
};
const yaml = (...documents: unknown[]) => documents.map((document) => stringify(document)).join("---\n");

describe("what takes effect at the next boot only", () => {
  const machine = (more: object) => ({ ...base, machine: { ...base.machine, ...more } });
  const reboots = (talos: string, before: unknown[], after: unknown[]) =>
    needingReboot(changesBetween(yaml(...before), yaml(...after)), talos).map(placeOf);

  test.each<[string, object]>([
    ["files", { files: [{ path: "/var/x", content: "x" }] }],
    ["udev", { udev: { rules: ["x"] } }],
    ["env", { env: { A: "b" } }],
    ["a new type", { type: "controlplane" }],
    ["a feature without a name in the list", { features: { rbac: true } }],
    ["a field that is not known", { tomorrow: true }],
  ])("machine.%s", (_, more) => {
    for (const talos of ["v1.12.4", "v1.13.3", "v1.14.0"]) expect(reboots(talos, [base], [machine(more)])).toHaveLength(1);
  });

  test.each<[string, object]>([
    ["sysctls", { sysctls: { a: "b" } }],
    ["a kubelet", { kubelet: { image: "k:v2", extraArgs: { a: "b" } } }],
    ["labels", { nodeLabels: { a: "b" } }],
    ["host DNS", { features: { hostDNS: { enabled: true } } }],
    ["an installer image", { install: { image: "i" } }],
  ])("not %s", (_, more) => {
    for (const talos of ["v1.12.4", "v1.13.3", "v1.14.0"]) expect(reboots(talos, [base], [machine(more)])).toEqual([]);
  });

  test("etcd is not started again by Talos", () => {
    const etcd = { ...base, cluster: { ...base.cluster, etcd: { extraArgs: { "snapshot-count": "5" } } } };
    expect(reboots("v1.13.3", [base], [etcd])).toEqual(["cluster.etcd.extraArgs"]);
    expect(reboots("v1.13.3", [base], [{ ...base, cluster: { ...base.cluster, proxy: { disabled: true } } }])).toEqual([]);
  });

  test("a kernel module is loaded at once, and never unloaded", () => {
    const modules = (...all: object[]) => machine({ kernel: { modules: all } });
    const [zfs, tuned, nbd] = [{ name: "zfs" }, { name: "zfs", parameters: ["a=1"] }, { name: "nbd" }];
    expect(reboots("v1.14.0", [modules(zfs)], [modules(nbd, zfs)])).toEqual([]);
    expect(reboots("v1.14.0", [base], [modules(zfs)])).toEqual([]);
    expect(reboots("v1.14.0", [modules(zfs, nbd)], [modules(zfs)])).toEqual(["machine.kernel.modules"]);
    expect(reboots("v1.14.0", [modules(zfs)], [modules(tuned)])).toEqual(["machine.kernel.modules"]);
    const document = (more: object = {}) => ({ kind: "KernelModuleConfig", name: "zfs", ...more });
    expect(reboots("v1.14.0", [base], [base, document()])).toEqual([]);
    expect(reboots("v1.14.0", [base, document()], [base])).toHaveLength(1);
    expect(reboots("v1.14.0", [base, document({ parameters: ["a=1"] })], [base, document({ parameters: ["a=2"] })])).toHaveLength(1);
  });

  test("a volume's encryption is looked at when it is unlocked", () => {
    const volume = (more: object) => ({ kind: "VolumeConfig", name: "EPHEMERAL", ...more });
    const encryption = { provider: "luks2", keys: [{ slot: 0 }] };
    expect(reboots("v1.14.0", [base], [base, volume({ encryption })])).toEqual(["VolumeConfig"]);
    expect(reboots("v1.14.0", [base, volume({ encryption })], [base, volume({ encryption: { provider: "luks2" } })])).toHaveLength(1);
    expect(reboots("v1.14.0", [base], [base, volume({ provisioning: { maxSize: "1GiB" } })])).toEqual([]);
  });

  test("credentials of a registry, up to 1.13", () => {
    const config = { registries: { config: { "ghcr.io": { auth: { username: "x" } } } } };
    const mirrors = { registries: { mirrors: { "ghcr.io": { endpoints: ["https://x"] } } } };
    expect(reboots("v1.13.3", [base], [machine(config)])).toEqual(["machine.registries.config"]);
    expect(isByVersion(changesBetween(yaml(base), yaml(machine(config))))).toBe(true);
    expect(isByVersion(changesBetween(yaml(base), yaml(machine(mirrors))))).toBe(false);
    expect(reboots("v1.14.0", [base], [machine(config)])).toEqual([]);
    expect(reboots("v1.13.3", [base], [machine(mirrors)])).toEqual([]);
    expect(reboots("v1.13.3", [base], [base, { kind: "RegistryAuthConfig", name: "x", username: "x" }])).toHaveLength(1);
    expect(reboots("v1.14.0-alpha.2", [base], [base, { kind: "RegistryAuthConfig", name: "x", username: "x" }])).toEqual([]);
  });

  test("an installed node makes nothing of what is for an installation", () => {
    const inert = (after: unknown) => areInert(changesBetween(yaml(base), yaml(after)));
    expect(inert(machine({ install: { image: "i" } }))).toBe(true);
    expect(inert(machine({ install: { image: "i" }, sysctls: {} }))).toBe(false);
    expect(inert(base)).toBe(false);
  });

  test("nothing is started again for what is quiet alone", () => {
    const quiet = (...after: unknown[]) => areQuiet(changesBetween(yaml(base), yaml(...after)));
    expect(quiet(machine({ sysctls: { a: "b" }, nodeLabels: { a: "b" } }))).toBe(true);
    expect(quiet(machine({ sysctls: { a: "b" }, kubelet: { image: "k:v2" } }))).toBe(false);
    expect(quiet(base, { kind: "LinkConfig", name: "eth0" })).toBe(false);
    expect(quiet(base)).toBe(false); // what differs is not known
  });

  test("it is known which of Talos's resources become others by it, on a node of that role, and where that is not known", () => {
    const anew = (role: "controlplane" | "worker", ...after: unknown[]) => madeAnew(changesBetween(yaml(base), yaml(...after)), role);
    const kubelet = { kubelet: { extraConfig: { maxPods: 200 } } };
    const audited = { cluster: { ...base.cluster, apiServer: { extraArgs: { v: "4" } }, scheduler: { image: "s:v2" } } };
    expect(anew("worker", machine(kubelet))).toEqual({ resources: ["kubeletspecs"], files: [], others: false });
    expect(anew("controlplane", { ...machine({ ...kubelet, sysctls: { a: "b" } }), ...audited })).toEqual({
      resources: ["kubeletspecs", "apiserverconfigs", "schedulerconfigs"],
      files: ["schedulerconfigs"],
      others: false,
    });
    const nothingKnown = { resources: [], files: [], others: true };
    expect(anew("worker", { ...machine({}), ...audited })).toEqual(nothingKnown);
    expect(anew("worker", machine({ ...kubelet, time: { disabled: true } }))).toEqual({
      resources: ["kubeletspecs"],
      files: [],
      others: true,
    });
    for (const unknown of [[base], [base, { kind: "LinkConfig", name: "eth0" }]]) {
      expect(anew("worker", ...unknown)).toEqual(nothingKnown);
    }
    const policies = { auditPolicy: { kind: "Policy" }, admissionControl: [{ name: "x" }], authorizationConfig: [{ type: "RBAC" }] };
    const byFile = ["admissioncontrolconfigs", "auditpolicyconfigs", "authorizationconfigs"];
    expect(anew("controlplane", { ...base, cluster: { ...base.cluster, apiServer: policies } })).toEqual({
      resources: byFile,
      files: byFile,
      others: false,
    });
    expect(anew("controlplane", { ...base, cluster: { ...base.cluster, apiServer: { certSANs: ["a"] } } })).toEqual({
      resources: ["secretstatuses"],
      files: [],
      others: false,
    });
  });
});
