import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { clearInterrupted } from "../../components/interrupted-release.ts";
import { type Answers, serve } from "../sources/server.ts";
import { app } from "./fixtures.ts";

let close: () => Promise<unknown> = async () => {};
afterEach(() => close());

const secrets = "/api/v1/namespaces/kube-system/secrets";
const query = new URLSearchParams({ labelSelector: "owner=helm,name=cilium" });
const name = "sh.helm.release.v1.cilium.v3";
const json = (body: unknown, status = 200) => ({ status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const listed = (status: string, release?: unknown) => ({
  [`${secrets}?${query}`]: json({
    items: [
      {
        metadata: { name, uid: "u1", resourceVersion: "7", labels: { status } },
        data: release ? { release: Buffer.from(gzipSync(JSON.stringify(release)).toString("base64")).toString("base64") } : {},
      },
    ],
  }),
});

async function clear(answers: Answers) {
  const api = await serve(answers);
  close = api.close;
  const kubeconfig = stringify({
    clusters: [{ name: "demo", cluster: { server: api.url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: {} }],
    contexts: [{ name: "demo", context: { cluster: "demo", user: "admin" } }],
    "current-context": "demo",
  });
  return { api, cleared: clearInterrupted("create", kubeconfig, app("kube-system", "cilium")) };
}

describe("a record that a killed run left", () => {
  test("is deleted, if it is still the one that was seen", async () => {
    const { api, cleared } = await clear({ ...listed("pending-install"), [`${secrets}/${name}`]: json({}) });
    expect(await cleared).toEqual([name]);
    expect(api.bodies.at(-1)).toEqual({ preconditions: { uid: "u1", resourceVersion: "7" } });
  });

  test("is read as Helm writes it", async () => {
    const release = { chart: { metadata: { name: "cilium", version: "1.2.3" } }, config: { replicas: 1 } };
    const { cleared } = await clear({ ...listed("deployed", release), [`${secrets}/${name}`]: json({}) });
    expect(await cleared).toEqual([name]);
  });

  test.each<[string, Answers, RegExp]>([
    ["the API cannot be asked", { [`${secrets}?${query}`]: json({ message: "no" }, 403) }, /403/],
    ["it changed meanwhile", { ...listed("pending-install"), [`${secrets}/${name}`]: json({}, 409) }, /409/],
    ["it cannot be read", listed("deployed", { chart: {} }), /in the cluster already/],
  ])("stays, with an error, when %s", async (_, answers, expected) => {
    const { api, cleared } = await clear(answers);
    await expect(cleared).rejects.toThrow(expected);
    expect(api.asked.filter((path) => path === `${secrets}/${name}`).length).toBeLessThanOrEqual(1);
  });
});
