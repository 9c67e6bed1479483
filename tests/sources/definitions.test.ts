import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { makeUpSecrets } from "../../commands/talosctl.ts";
import { definitionsIn, lookAtDefinitions } from "../../sources/definitions.ts";
import { declaration, node } from "../components/fixtures.ts";
import { serve } from "./server.ts";

let close: () => Promise<unknown> = async () => {};
afterEach(() => close());

test("the names of all definitions are read from their metadata alone", async () => {
  const list = {
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    items: [{ kind: "PartialObjectMetadata", metadata: { name: "a.example.org" } }, { metadata: { name: "b.example.org" } }],
  };
  const body = JSON.stringify(list);
  const answer = { status: 200, headers: { "content-type": "application/json" }, body };
  const api = await serve({ "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": answer });
  close = api.close;
  const config = new KubeConfig();
  config.loadFromString(
    stringify({
      clusters: [{ name: "demo", cluster: { server: api.url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "admin", user: {} }],
      contexts: [{ name: "demo", context: { cluster: "demo", user: "admin" } }],
      "current-context": "demo",
    }),
  );
  expect(await definitionsIn(config)).toEqual(new Set(["a.example.org", "b.example.org"]));
});

test("where no API server takes connections none is known, and the run goes on", async () => {
  const bundle = parse(await makeUpSecrets("v1.13"));
  const declared = declaration({
    secrets: { source: "onepassword", bundle },
    nodes: [node("c1", "controlplane", 1, { address: "127.134.255.3" })],
  });
  expect(await lookAtDefinitions(declared)).toEqual(declared);
});
