import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type App, appKey, inOrder } from "../../cluster/apps.ts";
import { parseRelease } from "../../cluster/release.ts";

const app = (key: string, changes: Partial<App> = {}) =>
  ({ namespace: key.split("/")[0], name: key.split("/")[1], after: [], cni: false, ...changes }) as unknown as App;
const cni = app("net/cni", { cni: true });

describe("the order of releases", () => {
  test("puts each behind those it waits for, and the network first", () => {
    const apps = [app("a/last", { after: ["b/middle"] }), app("b/middle", { after: ["net/cni"] }), cni];
    expect(inOrder(apps).map(appKey)).toEqual(["net/cni", "b/middle", "a/last"]);
  });

  test("holds for any set without circles, whatever order it comes in", () => {
    const arbitrary = fc
      .array(fc.array(fc.nat(20), { maxLength: 3 }), { maxLength: 8 })
      .map((lists) =>
        lists.map((list, index) => app(`n/a${index}`, { after: list.filter((other) => other < index).map((other) => `n/a${other}`) })),
      )
      .chain((apps) => fc.shuffledSubarray([cni, ...apps], { minLength: apps.length + 1 }));
    fc.assert(
      fc.property(arbitrary, (apps) => {
        const keys = inOrder(apps).map(appKey);
        expect(keys[0]).toBe("net/cni");
        for (const { after, ...rest } of apps)
          for (const other of after) expect(keys.indexOf(other)).toBeLessThan(keys.indexOf(appKey(rest as App)));
        expect([...keys].sort()).toEqual(apps.map(appKey).sort());
      }),
    );
  });

  test.each<[string, App[], RegExp]>([
    ["an unknown release", [cni, app("a/b", { after: ["net/cnii"] })], /is not a release of this stack; did you mean net\/cni\?/],
    ["a circle", [cni, app("a/b", { after: ["a/c"] }), app("a/c", { after: ["a/b"] })], /waits for itself: a\/b → a\/c → a\/b/],
    ["no network", [app("a/b")], /no release has cni: true/],
    ["two networks", [cni, app("a/b", { cni: true })], /net\/cni and a\/b have cni: true/],
    ["a network that waits", [app("net/cni", { cni: true, after: ["a/b"] }), app("a/b")], /cannot wait for others, which need it/],
  ])("refuses %s", (_, apps, expected) => {
    expect(() => inOrder(apps)).toThrow(expected);
  });
});

describe("release.yaml", () => {
  const whole = { chart: "cilium", version: "1.20.1", repository: "https://helm.cilium.io", lifecycle: "managed" };

  test("has defaults", () => {
    expect(parseRelease("release.yaml", whole)).toEqual({ ...whole, cni: false, after: [], crds: false, timeout: 600 });
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["a range as version", { version: "1.x" }, /version: "1.x": expected one exact version/],
    ["a repository without a scheme", { repository: "helm.cilium.io" }, /repository: "helm.cilium.io": expected https/],
    ["a chart with its path", { chart: "cilium/cilium" }, /chart: "cilium\/cilium": expected the chart's name alone/],
    ["a digest that is none", { digest: "sha256:1" }, /digest: "sha256:1": expected sha256: and 64/],
    ["an unknown key", { crd: true }, /crd: is not a known key; did you mean crds\?/],
  ])("refuses %s", (_, changes, expected) => {
    expect(() => parseRelease("release.yaml", { ...whole, ...changes })).toThrow(expected);
  });
});
