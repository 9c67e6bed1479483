import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { documentOf, elementOf, kinds, memberOf, type Reference } from "../../cluster/talos-keys.ts";
import table from "../../cluster/talos-since.json" with { type: "json" };
import { unknownTo } from "../../cluster/talos-since.ts";

const config = (...documents: unknown[]) => documents.map((document) => stringify(document)).join("---\n");
const base = { version: "v1alpha1", machine: { type: "worker", sysctls: { a: "1" } }, cluster: { id: "x" } };
const document = (kind: string, more: object = {}) => ({ apiVersion: "v1alpha1", kind, name: "x", ...more });

describe("what an older Talos does not know of a machine config", () => {
  test("is what came with a newer minor version, by its place", () => {
    const newer = config(
      { ...base, cluster: { network: { cni: { flannel: { kubeNetworkPoliciesEnabled: false } } } } },
      document("EnvironmentConfig", { variables: { TOKEN: "s3cr3t" } }),
      document("UserVolumeConfig", { mount: { secure: true } }),
      document("HostnameConfig"),
    );
    expect(unknownTo("v1.13.9", newer)).toEqual([]);
    expect(unknownTo("v1.12.4", newer)).toEqual([
      "EnvironmentConfig",
      "UserVolumeConfig.mount",
      "cluster.network.cni.flannel.kubeNetworkPoliciesEnabled",
    ]);
    expect(unknownTo("v1.11.6", newer)).toContain("HostnameConfig");
    expect(unknownTo("v1.8.4", config(base))).toEqual([]);
  });

  test("is found inside of lists and mappings with keys of one's own", () => {
    const network = { interfaces: [{ interface: "eth0" }, { bond: { deviceSelectors: [{ permanentAddr: "a" }] } }] };
    expect(unknownTo("v1.8.4", config({ ...base, machine: { network } }))).toEqual([
      "machine.network.interfaces.*.bond.deviceSelectors.*.permanentAddr",
    ]);
  });

  test("is every document that nobody here knows", () => {
    expect(unknownTo("v1.13.9", config(base, document("KubePrismConfig")))).toEqual(["a document of a kind that is not known here"]);
  });

  test("is not guessed from what is no YAML, nor is that quoted", () => {
    expect(() => unknownTo("v1.12.4", "token: s3cr3t: x")).toThrow(/^the machine config is no YAML$/);
  });
});

test.each(Object.values(table.places).flat())("Talos has %s", (place) => {
  const [first = "", ...rest] = place.split(".");
  const [kind, path] = /^[A-Z]/.test(first) ? [first, rest] : ["v1alpha1", [first, ...rest]];
  expect(kinds).toContain(kind);
  let reference: Reference = documentOf(kind);
  for (const key of path) {
    const member = key === "*" ? { reference: elementOf(reference) ?? reference?.replace(/^\{\}/, "") } : memberOf(reference, key);
    expect(member).toHaveProperty("reference");
    reference = "reference" in member ? member.reference : undefined;
  }
});
