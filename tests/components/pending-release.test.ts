import { afterEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { clearPendingRelease } from "../../components/pending-release.ts";
import { type Answers, serve } from "../sources/server.ts";

let close: () => Promise<unknown> = async () => {};
afterEach(() => close());

const query = new URLSearchParams({ labelSelector: "owner=helm,name=cilium,status in (pending-install,pending-upgrade,pending-rollback)" });
const secrets = "/api/v1/namespaces/kube-system/secrets";
const record = (name: string) => ({ metadata: { name, uid: "u1", resourceVersion: "7" } });
const json = (body: unknown, status = 200) => ({ status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function clear(answers: Answers) {
  const api = await serve(answers);
  close = api.close;
  const kubeconfig = stringify({
    clusters: [{ name: "demo", cluster: { server: api.url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: {} }],
    contexts: [{ name: "demo", context: { cluster: "demo", user: "admin" } }],
    "current-context": "demo",
  });
  return { api, cleared: clearPendingRelease(kubeconfig, { namespace: "kube-system", name: "cilium" }) };
}

describe("a release that a killed run left pending", () => {
  test("loses that record, if it is still the one that was seen", async () => {
    const name = "sh.helm.release.v1.cilium.v3";
    const { api, cleared } = await clear({ [`${secrets}?${query}`]: json({ items: [record(name)] }), [`${secrets}/${name}`]: json({}) });
    expect(await cleared).toEqual([name]);
    expect(api.bodies.at(-1)).toEqual({ preconditions: { uid: "u1", resourceVersion: "7" } });
  });

  test("that is not there is nothing to do", async () => {
    const { api, cleared } = await clear({ [`${secrets}?${query}`]: json({ items: [] }) });
    expect(await cleared).toEqual([]);
    expect(api.asked).toHaveLength(1);
  });

  test.each<[string, Answers, RegExp]>([
    ["the API cannot be asked", { [`${secrets}?${query}`]: json({ message: "no" }, 403) }, /403/],
    [
      "a record changed meanwhile",
      {
        [`${secrets}?${query}`]: json({ items: [record("sh.helm.release.v1.cilium.v3")] }),
        [`${secrets}/sh.helm.release.v1.cilium.v3`]: json({}, 409),
      },
      /409/,
    ],
    [
      "something else carries its labels",
      { [`${secrets}?${query}`]: json({ items: [record("precious")] }) },
      /kube-system\/precious carries the labels/,
    ],
  ])("stays as it is, with an error, when %s", async (_, answers, expected) => {
    const { cleared } = await clear(answers);
    await expect(cleared).rejects.toThrow(expected);
  });
});
