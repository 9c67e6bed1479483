import { describe, expect, test } from "vitest";
import { patchProblems } from "../../cluster/patch-checks.ts";

const problems = (text: string, contract = "v1.13", others: string[] = []) =>
  patchProblems(
    "patches",
    [text, ...others].map((text, index) => ({ path: `global/${index === 0 ? "a" : `other-${index}`}.yaml`, text })),
    contract,
  ).map(({ path, repair }) => `${path}: ${repair}`);

describe("taken is", () => {
  test.each<[string, string]>([
    ["a part of the machine config", "machine:\n  sysctls:\n    vm.max_map_count: '262144'\n"],
    [
      "several documents",
      "machine: { time: { disabled: true } }\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nhostname: c1\nauto: off\n",
    ],
    ["a document with a name", "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nprovisioning:\n  maxSize: 100GiB\n"],
    ["two of one kind", ["a", "b"].map((name) => `apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: ${name}\n`).join("---\n")],
    ["a key to be deleted", "machine:\n  network:\n    $patch: delete\n"],
    ["an element to be deleted", "machine:\n  network:\n    interfaces:\n      - interface: eth0\n        $patch: delete\n"],
    ["a whole document to be deleted", "apiVersion: v1alpha1\nkind: HostnameConfig\n$patch: delete\n"],
    ["what Talos passes on unseen", "cluster:\n  scheduler:\n    config:\n      profiles: [{ anything: true }]\n"],
    ["an empty document among others", "---\n---\ndebug: true\n"],
    ["the API servers' port as it is anyway", "cluster: { controlPlane: { localAPIServerPort: 6443 } }\n"],
    ["what names a Node as it is named anyway", "machine: { kubelet: { registerWithFQDN: false, skipNodeRegistration: false } }\n"],
    ["an anchor", "machine:\n  nodeLabels: &labels { a: b }\n  nodeAnnotations: *labels\n"],
  ])("%s", (_, text) => {
    expect(problems(text)).toEqual([]);
  });
});

describe("told, with its place, is", () => {
  test.each<[string, string, RegExp]>([
    [
      "a misspelt key",
      "machine:\n  kubelett: {}\n",
      /a\.yaml:2:3: machine\.kubelett is not a key that Talos knows; did you mean kubelet\?$/,
    ],
    ["a misspelt key at the top", "machin: {}\n", /a\.yaml:1:1: machin is not a key that Talos knows; did you mean machine\?$/],
    [
      "a misspelt key in a list",
      "machine:\n  network:\n    interfaces:\n      - {}\n      - adresses: []\n",
      /a\.yaml:5:9: machine\.network\.interfaces\[1\]\.adresses is .*did you mean addresses\?$/,
    ],
    [
      "a misspelt key under a key of one's own",
      "machine:\n  registries:\n    mirrors:\n      docker.io:\n        endpoint: []\n",
      /a\.yaml:5:9: .*docker\.io\.endpoint is .*did you mean endpoints\?$/,
    ],
    ["a key of another document", "apiVersion: v1alpha1\nkind: HostnameConfig\nhostnam: c1\n", /a\.yaml:3:1: hostnam is .*hostname\?$/],
    ["a key that resembles none", "machine:\n  zzzzzzzzzz: 1\n", /a\.yaml:2:3: .*; known are .*kubelet, /],
    ["a misspelt kind", "apiVersion: v1alpha1\nkind: HostnamConfig\n", /a\.yaml:1:1: kind HostnamConfig is .*HostnameConfig\?$/],
    ["a document without kind", "apiVersion: v1alpha1\nhostname: c1\n", /a\.yaml:1:1: has no kind/],
    [
      "a document without version",
      "kind: HostnameConfig\nhostname: c1\n",
      /a\.yaml:1:1: a document with a kind has apiVersion: v1alpha1 too$/,
    ],
    ["one document twice", "debug: true\n---\ndebug: false\n", /a\.yaml:3:1: is a second document v1alpha1 in this file/],
    ["an empty file", "", /a\.yaml:1:1: is empty/],
    ["a file of comments", "# machine: {}\n", /a\.yaml:1:1: is empty/],
    ["an empty mapping", "---\n{}\n", /a\.yaml:1:1: is empty/],
    ["text that is not YAML", "machine:\n  kubelet: [\n", /a\.yaml:3:1: is not valid YAML: /],
    ["a key twice", "machine: {}\nmachine: {}\n", /a\.yaml:2:1: is not valid YAML: Map keys must be unique/],
    ["a word", "machine\n", /a\.yaml:1:1: expected a mapping/],
    ["a JSON 6902 patch", "- op: remove\n  path: /machine/network\n", /a\.yaml:1:1: is a JSON 6902 patch.*strategic merge patch/],
    ["a merge key", "machine:\n  <<: { kubelet: {} }\n", /a\.yaml:2:3: machine\.<< is not a key that Talos knows/],
    ["a mapping as a key", "machine:\n  ? { a: b }\n  : 1\n", /a\.yaml:2:5: machine\.\(a key that is no word\) is not/],
    ["a merge key in a key", "? <<: \n", /a\.yaml:1:5: \(a key that is no word\) is not/],
    ["another directive", "machine:\n  network: { $patch: replace }\n", /a\.yaml:2:14: expected \$patch: delete/],
    [
      "another port of the API servers",
      "cluster:\n  controlPlane:\n    localAPIServerPort: 7443\n",
      /a\.yaml:3:5: cluster\.controlPlane\.localAPIServerPort is not 6443, where this stack asks the API servers; leave it out/,
    ],
    [
      "a Node that is named with its domain",
      "machine:\n  kubelet:\n    registerWithFQDN: true\n",
      /a\.yaml:3:5: machine\.kubelet\.registerWithFQDN gives the Kubernetes Node another name than the node's hostname.*; leave it out/,
    ],
    [
      "a Node of another name",
      "machine:\n  kubelet:\n    extraArgs:\n      hostname-override: other\n",
      /a\.yaml:4:7: machine\.kubelet\.extraArgs\.hostname-override gives the Kubernetes Node another name/,
    ],
    [
      "a node that has none",
      "machine: { kubelet: { skipNodeRegistration: true } }\n",
      /a\.yaml:1:23: machine\.kubelet\.skipNodeRegistration keeps the node out of Kubernetes, where this stack waits for it; leave it out/,
    ],
    [
      "an element to be deleted that is not named",
      "machine:\n  network:\n    interfaces:\n      - $patch: delete\n",
      /a\.yaml:4:9: .*which element/,
    ],
    [
      "a part of an element to be deleted",
      "machine:\n  network:\n    interfaces:\n      - interface: eth0\n        dhcpOptions: { $patch: delete }\n",
      /a\.yaml:5:24: .*does not reach/,
    ],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual([expect.stringMatching(expected)]);
  });
});

describe("a JSON 6902 patch", () => {
  const patch = "- op: remove\n  path: /machine/network\n";

  test("is taken where the config is one document", () => {
    expect(problems(patch, "v1.11")).toEqual([]);
  });

  test("is told where another patch adds a document", () => {
    const other = "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\n";
    expect(problems(patch, "v1.11", [other])).toEqual([expect.stringContaining("is a JSON 6902 patch")]);
  });

  test("gives the API servers no other port", () => {
    const port = (value: number) => `- { op: add, path: /cluster/controlPlane/localAPIServerPort, value: ${value} }\n`;
    expect(problems(port(6443), "v1.11")).toEqual([]);
    expect(problems(port(7443), "v1.11")).toEqual([
      expect.stringContaining("a.yaml:1:3: cluster.controlPlane.localAPIServerPort is not 6443"),
    ]);
  });

  test("gives a Node no other name, nor with all that is beside it", () => {
    const add = (path: string, value: string) => problems(`- { op: add, path: ${path}, value: ${value} }\n`, "v1.11");
    expect(add("/machine/kubelet", "{ registerWithFQDN: false }")).toEqual([]);
    expect(add("/machine/kubelet", "{ extraArgs: { hostname-override: other } }")).toEqual([
      expect.stringMatching(/a\.yaml:1:\d+: machine\.kubelet\.extraArgs\.hostname-override gives/),
    ]);
  });

  test("has operations with op and path", () => {
    expect(problems("- path: /machine\n", "v1.11")).toEqual([expect.stringContaining("a.yaml:1:3: expected an operation")]);
  });
});
