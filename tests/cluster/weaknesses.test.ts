import { expect, test } from "vitest";
import { weaknesses } from "../../cluster/weaknesses.ts";

test.each([
  ["mitigations=off", "no mitigations of CPU vulnerabilities"],
  ["security=none", "no Linux security module"],
  ["retbleed=off", "no mitigation of this CPU vulnerability"],
  ["selinux=0", "a Linux security module is off, or only warns"],
  ["-selinux", "a Linux security module is off, or only warns"],
  ["module.sig_enforce=0", "kernel modules without Talos's signature are loaded"],
  ["-module.sig_enforce=1", "kernel modules without Talos's signature are loaded"],
  ["nokaslr", "addresses in memory can be guessed"],
  ["iommu=off", "devices reach all of the memory"],
])("%s is told with what it gives up", (argument, givenUp) => {
  expect(weaknesses(["quiet", argument])).toEqual([`${argument}: ${givenUp}`]);
});

test("what does not weaken security is not told", () => {
  const harmless = [
    "amd_iommu=on",
    "iommu=pt",
    "mitigations=auto,nosmt",
    "console=ttyS0",
    "security=selinux",
    "pti=on",
    "-quiet",
    "lsm=lockdown",
  ];
  expect(weaknesses(harmless)).toEqual([]);
});
