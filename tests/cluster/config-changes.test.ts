import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { changesBetween, placeOf } from "../../cluster/config-changes.ts";

const base = {
  version: "v1alpha1",
  machine: { type: "worker", sysctls: { "vm.max": "1" }, kubelet: { image: "k:v1" } },
  cluster: { id: "x" },
};
const yaml = (...documents: unknown[]) => documents.map((document) => stringify(document)).join("---\n");
const changed = (...after: unknown[]) => changesBetween(yaml(base), yaml(...after));
const places = (...after: unknown[]) => changed(...after).map(placeOf);

describe("what differs between two machine configs", () => {
  test("is found by key, in every document", () => {
    const sysctls = { ...base, machine: { ...base.machine, sysctls: { "vm.max": "2", "net.x": "1" } } };
    expect(changed(sysctls).map(({ path }) => path.join("/"))).toEqual(["machine/sysctls/vm.max", "machine/sysctls/net.x"]);
    const module = { apiVersion: "v1alpha1", kind: "KernelModuleConfig", name: "zfs" };
    expect(changed(base, module)).toEqual([{ path: ["KernelModuleConfig"], before: undefined, after: module }]);
    const more = { ...module, parameters: ["a=1"] };
    expect(changesBetween(yaml(base, module), yaml(more, base))).toEqual([
      { path: ["KernelModuleConfig", "parameters"], before: undefined, after: ["a=1"] },
    ]);
  });

  test("is not what is empty in one of them, nor the order of keys", () => {
    const { machine, ...rest } = base;
    expect(changed({ machine: { ...machine, files: [], env: {}, udev: null, pods: "" }, ...rest })).toEqual([]);
  });

  test("is nothing between a config and itself, and the same the other way round", () => {
    const config = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(config, config, (one, other) => {
        expect(changesBetween(yaml(one), yaml(one))).toEqual([]);
        const there = changesBetween(yaml(one), yaml(other));
        const back = changesBetween(yaml(other), yaml(one));
        expect(there.map(({ path }) => path.join("/")).sort()).toEqual(back.map(({ path }) => path.join("/")).sort());
      }),
    );
  });

  test("is told by Talos's own keys alone: an owner's may be anything", () => {
    expect(places({ ...base, machine: { ...base.machine, sysctls: { "my secret": "2" } } })).toEqual([
      "machine.sysctls",
      "machine.sysctls",
    ]);
    expect(places({ ...base, "my secret": "2" })).toEqual(["a part that is not known here"]);
    expect(places({ ...base, cluster: { id: "y", apiServer: { extraArgs: { "my-secret": "x" } } } })).toEqual([
      "cluster.id",
      "cluster.apiServer.extraArgs",
    ]);
    expect(places(base, { kind: "EnvironmentConfig", variables: { secret: "x" } })).toEqual(["EnvironmentConfig"]);
    expect(places(base, { kind: "My secret" })).toEqual(["a part that is not known here"]);
  });

  test("no value and no key of an owner is in what is told of it", () => {
    const secret = fc.stringMatching(/^s3cr3t[a-z0-9.]{4,12}$/);
    const known = fc.constantFrom("machine", "cluster", "kubelet", "files", "apiServer", "env", "kind", "metadata");
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, secret, fc.array(secret), fc.dictionary(fc.oneof(known, secret), tie("tree"))),
    }));
    fc.assert(
      fc.property(fc.dictionary(known, tree), fc.dictionary(known, tree), (one, other) => {
        for (const change of changesBetween(yaml(one), yaml(other))) expect(placeOf(change)).not.toContain("s3cr3t");
      }),
    );
  });

  test("a text that is no YAML is not quoted", () => {
    expect(() => changesBetween("a: b", 'a: "secret')).toThrow(/^the machine config is no YAML$/);
  });
});
