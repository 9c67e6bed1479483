import { expect, test } from "vitest";
import { tookIn } from "../../operations/lib/config/uptake.ts";

const sight = (kubeletspecs: string, kubeletStarted: string | undefined, apiserverconfigs = "3") => ({
  versions: { kubeletspecs, apiserverconfigs },
  kubeletStarted,
});
const [then, later] = ["2026-05-01T10:00:00Z", "2026-05-01T10:07:00Z"];
const before = sight("1", then);
const made = (...resources: string[]) => ({ resources, files: [], others: false });
const kubelet = made("kubeletspecs");
const others = { ...made(), others: true };

test("a node is not held to work by a config before Talos has made of it what it must", () => {
  const now = performance.now();
  expect(tookIn(before, before, kubelet, now)).toEqual({ pending: "Talos has not made kubeletspecs of it yet" });
  const both = made("kubeletspecs", "apiserverconfigs");
  expect(tookIn(before, sight("2", later), both, now)).toEqual({ pending: "Talos has not made apiserverconfigs of it yet" });
  expect(tookIn(before, sight("2", later, "4"), both, now)).toEqual({ done: undefined });
});

test("nor while the kubelet of before still runs, whatever the change was", () => {
  for (const anew of [kubelet, others]) {
    expect(tookIn(before, sight("2", then), anew, performance.now())).toEqual({ pending: "its kubelet is yet to be started again" });
    expect(tookIn(before, sight("2", undefined), anew, performance.now())).toEqual({ done: undefined }); // how it does is asked next
    expect(tookIn(before, sight("2", later), anew, performance.now())).toEqual({ done: undefined });
  }
});

test("a change that comes to nothing is not waited for longer than half a minute", () => {
  expect(tookIn(before, before, kubelet, performance.now() - 31_000)).toEqual({ done: undefined });
  expect(tookIn(before, before, others, performance.now())).toEqual({ done: undefined });
});

test("a policy is not taken in before its file is written, for as long as Talos cannot make one of it", () => {
  const policy = { ...made("auditpolicyconfigs"), files: ["auditpolicyconfigs"] };
  const at = (auditpolicyconfigs: string, configstatuses: string) => ({
    versions: { kubeletspecs: "1", auditpolicyconfigs, configstatuses },
    kubeletStarted: then,
  });
  const [now, longAgo] = [performance.now(), performance.now() - 31_000];
  expect(tookIn(at("1", "5"), at("1", "5"), policy, now)).toEqual({ pending: "Talos has not made auditpolicyconfigs of it yet" });
  for (const since of [now, longAgo]) {
    expect(tookIn(at("1", "5"), at("2", "5"), policy, since)).toEqual({
      pending: "Talos has not written the API server's files by auditpolicyconfigs yet",
    });
    expect(tookIn(at("1", "5"), at("2", "6"), policy, since)).toEqual({ done: undefined });
  }
  // The default policy, written out.
  expect(tookIn(at("1", "5"), at("1", "5"), policy, longAgo)).toEqual({ done: undefined });
});
