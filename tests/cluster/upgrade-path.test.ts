import fc from "fast-check";
import { describe, expect, test } from "vitest";
import compatibility from "../../cluster/compatibility.json" with { type: "json" };
import { kubernetesPath, runningPairProblem, talosPath } from "../../cluster/upgrade-path.ts";
import { pairProblem } from "../../cluster/versions.ts";

const forward = { allowDowngrade: false };
const both = { allowDowngrade: true };

describe("Talos's path", () => {
  test.each([
    ["v1.13.3", "v1.13.3"],
    ["v1.13.3", "v1.13.9"],
    ["v1.12.6", "v1.13.3"],
    ["v1.13.0-rc.1", "v1.13.0"],
    ["v1.13.0-beta.2", "v1.13.0-beta.10"],
  ])("%s to %s may be gone", (running, declared) => {
    expect(talosPath(running, declared, forward)).toBeUndefined();
  });

  test.each([
    ["v1.11.3", "v1.13.3", "first v1.12.x, then v1.13.3"],
    ["v1.9.0", "v1.13.3", "first v1.10.x, then v1.11.x, then v1.12.x, then v1.13.3"],
    ["v1.13.3", "v2.0.0", "no path between them is known"],
    ["v1.13.3", "v1.13.2", "Talos v1.13.2 is older than v1.13.3, which runs"],
    ["v1.13.0", "v1.13.0-rc.1", "allowDowngrade true"],
    ["v1.13.3", "v1.12.6", "before that, in an up of its own, bring the machine configs to what the older one knows"],
    ["v1.13.0-beta.10", "v1.13.0-beta.2", "is older than"],
  ])("%s to %s may not: %s", (running, declared, why) => {
    expect(talosPath(running, declared, forward)).toContain(why);
  });

  test("backwards where it is allowed, and then one minor version at a time too", () => {
    expect(talosPath("v1.13.3", "v1.12.6", both)).toBeUndefined();
    expect(talosPath("v1.13.3", "v1.11.0", both)).toContain("first v1.12.x, then v1.11.0");
  });

  test("from a Talos that is older than all known ones is gone by hand", () => {
    expect(talosPath("v1.8.0", "v1.8.4", forward)).toBeUndefined();
    for (const running of ["v1.7.6", "v1.6.0"]) {
      expect(talosPath(running, "v1.8.4", both)).toMatch(
        `Talos ${running} runs, which is older than this stack upgrades from (v1.8). Bring it there by hand`,
      );
    }
  });

  test("the hops that are spelt out may each be gone", () => {
    const version = fc.tuple(fc.integer({ min: 8, max: 20 }), fc.nat(9));
    fc.assert(
      fc.property(version, version, ([minor, patch], [toMinor, toPatch]) => {
        const [running, declared] = [`v1.${minor}.${patch}`, `v1.${toMinor}.${toPatch}`];
        const problem = talosPath(running, declared, both);
        expect(problem === undefined).toBe(Math.abs(toMinor - minor) <= 1);
        const hops = problem?.split("first ")[1]?.split(", then ") ?? [declared];
        let at = running;
        for (const hop of hops.map((text) => text.replace("x", "0"))) {
          expect(talosPath(at, hop, both)).toBeUndefined();
          at = hop;
        }
        expect(at).toBe(declared);
      }),
    );
  });
});

describe("Kubernetes's path", () => {
  test.each([
    ["v1.35.4", "v1.36.3", undefined],
    ["v1.36.0", "v1.36.3", undefined],
    ["v1.34.1", "v1.36.3", "first v1.35.x, then v1.36.3"],
    ["v1.36.3", "v1.36.2", "Kubernetes cannot go back; declare v1.36.3 or a newer one"],
    ["v1.36.3", "v1.35.4", "Kubernetes cannot go back"],
  ])("%s to %s: %s", (running, declared, why) => {
    const problem = kubernetesPath(running, declared);
    if (why) expect(problem).toContain(why);
    else expect(problem).toBeUndefined();
  });
});

describe("the declared Talos under the Kubernetes that runs", () => {
  test.each([
    ["v1.12.6", "v1.13.3", "v1.35.4", undefined],
    ["v1.13.0", "v1.13.3", "v1.30.0", undefined],
    [
      "v1.13.3",
      "v1.14.0",
      "v1.31.2",
      "Talos 1.14 supports Kubernetes 1.32 to 1.37, and v1.31.2 runs: upgrade Kubernetes before it, with talosVersion v1.13.3: to v1.32.x",
    ],
    ["v1.13.3", "v1.12.6", "v1.36.3", "declare a Talos that supports it"],
  ])("%s to %s with %s: %s", (running, declared, kubernetes, why) => {
    const problem = runningPairProblem(running, declared, kubernetes);
    if (why) expect(problem).toContain(why);
    else expect(problem).toBeUndefined();
  });

  test("what has to be upgraded before it may be, hop after hop, and then nothing is in the way", () => {
    const talos = fc.constantFrom(...Object.keys(compatibility.kubernetes));
    fc.assert(
      fc.property(talos, talos, fc.integer({ min: 20, max: 40 }), (from, to, minor) => {
        const [running, declared, kubernetes] = [`v${from}.1`, `v${to}.1`, `v1.${minor}.1`];
        fc.pre(pairProblem(running, kubernetes) === undefined);
        const problem = runningPairProblem(running, declared, kubernetes);
        expect(problem === undefined).toBe(from === to || pairProblem(declared, kubernetes) === undefined);
        const hops = problem?.match(/(?<=: to ).*/)?.[0].split(", then ");
        if (!hops) return;
        let at = kubernetes;
        for (const hop of hops.map((text) => text.replace("x", "0"))) {
          expect([kubernetesPath(at, hop), pairProblem(running, hop)]).toEqual([undefined, undefined]);
          at = hop;
        }
        expect(runningPairProblem(running, declared, at)).toBeUndefined();
      }),
    );
  });
});
