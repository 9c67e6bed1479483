import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { readConfiguration } from "../../sources/config.ts";

beforeAll(async () => {
  await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) }, "phoebe", "test");
  // As Pulumi hands it over: every value is text.
  pulumi.runtime.setAllConfig({
    "phoebe:clusterName": "123",
    "phoebe:talosVersion": "v1.13.3",
    "phoebe:kubernetesVersion": "1.36",
    "phoebe:workerLanes": "2",
    "phoebe:allowDestroy": "true",
    "phoebe:secureBoot": "yes",
    "phoebe:nodes": '[{"hostname":"c1"}]',
    "phoebe:secrets": '{"source":"generated"}',
    "phoebe:unknown": "x",
    "kubernetes:kubeconfig": "someone else's",
  });
});

test("values are what the stack file says, other projects' are left out", () => {
  expect(readConfiguration()).toEqual({
    clusterName: "123",
    talosVersion: "v1.13.3",
    kubernetesVersion: "1.36",
    workerLanes: 2,
    allowDestroy: true,
    secureBoot: "yes",
    nodes: [{ hostname: "c1" }],
    secrets: { source: "generated" },
    unknown: "x",
  });
});
