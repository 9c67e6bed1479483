import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { adoptionProblem, checkAdopted, secretLooking } from "../../cluster/adoption.ts";
import type { App } from "../../cluster/apps.ts";
import type { ReleaseRecord } from "../../cluster/helm-records.ts";

const app = { namespace: "kube-system", name: "cilium", chart: "cilium", version: "1.20.1", values: {} } as unknown as App;
const adopting = { adopt: ["kube-system/cilium"], adoptSecretValues: false };
const deployed = (revision: number, values: unknown = {}, name = "cilium"): ReleaseRecord => ({
  secret: `sh.helm.release.v1.cilium.v${revision}`,
  status: "deployed",
  revision,
  chart: { name, version: "1.19.0" },
  values,
});
const superseded = (revision: number): ReleaseRecord => ({ secret: "", status: "superseded", revision });

describe("what is to be adopted", () => {
  test("has to be declared", () => {
    expect(() => checkAdopted({ adopt: ["kube-system/cilum", "a/b"] }, [app])).toThrow(
      /2 problems\n {2}adopt\[0\]: "kube-system\/cilum": is not a release of this stack; did you mean kube-system\/cilium\?\n {2}adopt\[1\]/,
    );
    expect(() => checkAdopted(adopting, [app])).not.toThrow();
  });

  test("is as its newest record says, whatever its version", () => {
    expect(adoptionProblem(app, [superseded(9), deployed(10), superseded(2)], adopting)).toBeUndefined();
  });

  test.each<[string, ReleaseRecord[], RegExp]>([
    ["is not there", [], /no such release in the cluster; take it out of the list/],
    ["was killed in an upgrade", [deployed(1), { secret: "", status: "pending-upgrade", revision: 2 }], /revision 2 is pending-upgrade/],
    ["is another chart's", [deployed(1, {}, "calico")], /of the chart calico, declared is cilium/],
    ["holds secrets", [deployed(1, { hubble: { password: "hunter2" } })], /seem to hold secrets \(hubble\.password\)/],
  ])("is refused where it %s", (_, records, expected) => {
    const problem = adoptionProblem(app, records, adopting);
    expect(problem).toMatchObject({ path: "adopt[0]", value: "kube-system/cilium", repair: expect.stringMatching(expected) });
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  test("may show its secrets, if that is said", () => {
    expect(adoptionProblem(app, [deployed(1, { password: "hunter2" })], { ...adopting, adoptSecretValues: true })).toBeUndefined();
  });
});

describe("values", () => {
  test.each<[string, unknown, string[]]>([
    ["under a telling key", { auth: { admin: "x" }, apiKey: "x", adminPassword: 12345 }, ["auth.admin", "apiKey", "adminPassword"]],
    ["by their own looks", { env: [{ value: "https://u:p@host" }, "-----BEGIN RSA PRIVATE KEY-----"] }, ["env[0].value", "env[1]"]],
    ["nowhere", { tls: { secretName: "tls" }, existingSecret: { name: "x" }, tokenRef: "x", password: "", secret: { create: true } }, []],
  ])("seem to hold secrets %s", (_, values, expected) => {
    expect(secretLooking(values)).toEqual(expected);
  });

  test("of this project's own releases hold none", () => {
    const files = readdirSync("apps", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("/values.yaml"));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(secretLooking(parse(readFileSync(`apps/${file}`, "utf8"))), file).toEqual([]);
  });

  test("never show one by the places that are told", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("password", "token", "a"), fc.string({ minLength: 12 })), (values) => {
        const told = secretLooking(values).join(" ");
        expect(Object.values(values).some((value) => told.includes(value))).toBe(false);
      }),
    );
  });
});
