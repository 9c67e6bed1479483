import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { Schematic } from "../../components/schematic.ts";
import { mocks } from "./fixtures.ts";
import { record } from "./recorder.ts";

afterEach(() => vi.restoreAllMocks());

async function warnings(kernelArguments: string[]): Promise<string[]> {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const args = { id: "a".repeat(64), text: "", file: "own.yaml", kernelArguments };
  let schematic: Schematic | undefined;
  await record(mocks, () => {
    schematic = new Schematic("demo", args);
  });
  for (const [, resource] of warn.mock.calls) expect(resource).toBe(schematic);
  return warn.mock.calls.map(([message]) => message);
}

test("a schematic that gives up security says so, once, with what it gives up", async () => {
  expect(await warnings(["iommu=pt", "mitigations=off", "security=none"])).toEqual([
    "own.yaml gives up security, which suits a home lab at most:\n" +
      "  mitigations=off: no mitigations of CPU vulnerabilities\n" +
      "  security=none: no Linux security module",
  ]);
});

test("one that does not says nothing", async () => {
  expect(await warnings(["iommu=pt"])).toEqual([]);
});
