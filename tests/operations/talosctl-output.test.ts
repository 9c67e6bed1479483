import { describe, expect, test } from "vitest";
import { readListing, readService, readSpec, readSpecs, readTable, readVersion } from "../../operations/lib/talosctl/output.ts";

describe("what talosctl prints", () => {
  test("a folder, of one node and of several", () => {
    expect(readListing(".\n")).toEqual([]);
    expect(readListing(".\nmember\n")).toEqual(["member"]);
    expect(readListing("NODE         NAME\n10.60.0.10   .\n10.60.0.10   member\n")).toEqual(["member"]);
  });

  test("a listing that was cut off is not an empty folder", () => {
    for (const nothing of ["", "NODE   NAME\n"]) expect(() => readListing(nothing)).toThrow("listed nothing");
  });

  test("a service", () => {
    const text =
      "NODE                  10.60.0.10\nID                    etcd\nSTATE                 Running\nHEALTH                OK\nLAST HEALTH MESSAGE   STATE Fail\nEVENTS                [Running]: Health check successful (3s ago)\n                      [Preparing]: Running pre state (9s ago)\n";
    expect(readService(text)).toEqual({ state: "Running", health: "OK" });
    expect(() => readService("")).toThrow("no state");
  });

  test("a resource", () => {
    expect(readSpec('{"metadata": {}, "spec": {"stage": "maintenance"}}')).toEqual({ stage: "maintenance" });
    expect(() => readSpec('{"metadata": {}}')).toThrow("without a spec");
    expect(() => readSpec("")).toThrow();
  });

  test("all resources of a type", () => {
    const one = (spec: object) => `${JSON.stringify({ metadata: { id: "0" }, node: "10.60.0.10", spec }, null, 4)}\n`;
    expect(readSpecs(one({ a: 1 }) + one({ b: { c: "{" } }))).toEqual([{ a: 1 }, { b: { c: "{" } }]);
    expect(readSpecs("")).toEqual([]);
    expect(() => readSpecs("{\n")).toThrow();
  });

  test("the node's version, not the client's", () => {
    const client = "Client:\n\tTalos:\n\tTag:         v1.13.0\n\tSHA:         abc\n";
    expect(readVersion(`${client}Server:\n\tNODE:        10.60.0.10\n\tTag:         v1.12.6\n\tSHA:         def\n`)).toBe("v1.12.6");
    expect(() => readVersion(`${client}Server:\n`)).toThrow("no version of the node");
  });

  test("a table with empty cells and with spaces", () => {
    const text = [
      "NODE         ID                 HOSTNAME   PEER URLS                 CLIENT URLS               LEARNER",
      "10.60.0.10   1fe7a6bd1e0ab4b1   c1         https://10.60.0.10:2380   https://10.60.0.10:2379   false",
      "10.60.0.10   9a21d7b9f9c1e0c5              https://10.60.0.11:2380                             true",
    ].join("\n");
    expect(readTable(text)).toEqual([
      expect.objectContaining({ HOSTNAME: "c1", "PEER URLS": "https://10.60.0.10:2380", LEARNER: "false" }),
      expect.objectContaining({ HOSTNAME: "", "CLIENT URLS": "", LEARNER: "true" }),
    ]);
    expect(() => readTable("")).toThrow("no table");
  });
});
