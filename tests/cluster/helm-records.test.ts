import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { App } from "../../cluster/apps.ts";
import { type ReleaseRecord, recordsToClear } from "../../cluster/helm-records.ts";

const app = {
  namespace: "kube-system",
  name: "cilium",
  chart: "cilium",
  version: "1.20.1",
  values: { a: 1, b: { c: [2], d: 3 } },
} as unknown as App;
const record = (status: string, changes: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  secret: status,
  status,
  revision: 1,
  ...changes,
});
const asDeclared = record("deployed", { chart: { name: "cilium", version: "1.20.1" }, values: { b: { d: 3, c: [2] }, a: 1 } });

describe("before a release is created", () => {
  test.each<[string, ReleaseRecord[]]>([
    ["nothing", []],
    ["an install that was killed", [record("pending-install")]],
    ["an install that failed, its state lost", [record("failed")]],
    ["an install that ended when nobody noted it any more", [asDeclared]],
    ["all of these", [record("failed"), asDeclared, record("pending-upgrade")]],
  ])("what was left of it goes: %s", (_, records) => {
    expect(recordsToClear("create", records, app)).toEqual(records.map(({ secret }) => secret));
  });

  test.each<[string, ReleaseRecord]>([
    ["another version", { ...asDeclared, chart: { name: "cilium", version: "1.19.0" } }],
    ["another chart", { ...asDeclared, chart: { name: "calico", version: "1.20.1" } }],
    ["other values", { ...asDeclared, values: { a: 2 } }],
    ["no content that could be read", record("deployed")],
    ["a history", record("superseded")],
    ["a state that Helm may yet invent", record("unheard-of")],
  ])("one that is there with %s stays, with an error", (_, standing) => {
    expect(() => recordsToClear("create", [record("pending-upgrade"), standing], app)).toThrow(
      /kube-system\/cilium is in the cluster already/,
    );
  });
});

describe("the error tells the newest revision, and what to do", () => {
  const superseded = record("superseded");
  const running = (changes: Partial<ReleaseRecord>) => [superseded, { ...asDeclared, revision: 2, ...changes }];
  test.each<[string, ReleaseRecord[], RegExp]>([
    [
      "as declared",
      running({}),
      /already as it is declared, but with 2 revisions, .* \(kubectl -n kube-system delete secret -l owner=helm,name=cilium,status=superseded\), or name it under adopt/,
    ],
    ["another version", running({ chart: { name: "cilium", version: "1.19.0" } }), /\(cilium 1\.19\.0\), and .* under adopt/],
    ["other values", running({ values: {} }), /\(cilium 1\.20\.1 with other values\), and/],
    ["unreadable", running({ chart: undefined }), /\(which cannot be read\), and/],
    ["not deployed", [asDeclared, record("uninstalled", { revision: 3 })], /\(its newest revision 3 is uninstalled\), and/],
  ])("%s", (_, records, expected) => {
    expect(() => recordsToClear("create", records, app)).toThrow(expected);
  });
});

test("before an update only what was killed at work goes", () => {
  const status = fc.constantFrom(
    "deployed",
    "superseded",
    "failed",
    "pending-install",
    "pending-upgrade",
    "pending-rollback",
    "uninstalled",
  );
  fc.assert(
    fc.property(fc.array(status), (statuses) => {
      expect(
        recordsToClear(
          "update",
          statuses.map((one) => record(one)),
          app,
        ),
      ).toEqual(statuses.filter((one) => one.startsWith("pending-")));
    }),
  );
});
