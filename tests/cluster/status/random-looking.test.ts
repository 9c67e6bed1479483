import { expect, test } from "vitest";
import { looksRandom } from "../../../cluster/status/random-looking.ts";

test.each([
  ["a key in base64", "m3Kq9ZtVb1XwUo2PcRy7LdEfGh5JkNsA"],
  ["a key among other words", "token=m3Kq9ZtVb1XwUo2PcRy7LdEfGh5JkNsA, then more"],
  ["a hash", "9f86d081884c7d659a2feaa0c55ad015"],
  ["a short token of small letters and digits", "abcdef0123456789"],
  ["a bootstrap token", "abcdef.0123456789abcdef"],
  ["a key in base64 for URLs", "mKq_ZtVb-XwUoPcRyLd7"],
])("%s looks random", (_, text) => {
  expect(looksRandom(text)).toBe(true);
});

test.each([
  ["a hostname", "phoebe-k-ctrl-01"],
  ["a path", "/var/lib/some-longer-path/A1"],
  ["an address", "10.60.0.10/24"],
  ["an image", "registry.k8s.io/kube-controller-manager:v1.36.3"],
  ["a long word", "io.kubernetes.cri.runtimeclass"],
  ["a name of many words", "TopologyAwareHintsAndManyMoreWords"],
  ["a number, however long", "1234567890123456"],
  ["one digit short of a token", "abcdef012345678"],
  ["nothing", ""],
])("%s does not", (_, text) => {
  expect(looksRandom(text)).toBe(false);
});
