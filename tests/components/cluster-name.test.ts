import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { refuseAnotherName } from "../../components/cluster-name.ts";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks } from "./fixtures.ts";
import { record } from "./recorder.ts";

const update = (oldInputs: Record<string, unknown>) => refuseAnotherName("demo")({ oldInputs });

test("another name is refused, and the old one said", async () => {
  await expect(update({ environment: { CLUSTER_NAME: "dmeo" } })).rejects.toThrow(
    "clusterName is demo, and this stack's cluster is called dmeo: a cluster keeps its name. Nothing was changed. " +
      "Set it back: npx pulumi config set clusterName dmeo. Another cluster is another stack.",
  );
  await expect(update({ environment: pulumi.secret({ CLUSTER_NAME: "dmeo" }) })).rejects.toThrow("clusterName is demo");
});

test("what else changes about the record is let through", async () => {
  await expect(update({ environment: { CLUSTER_NAME: "demo", MORE: "" } })).resolves.toBeUndefined();
  await expect(update({})).resolves.toBeUndefined();
});

test("the record alone has the same name whatever the cluster is called", async () => {
  const namesOf = async (clusterName: string) => {
    const registrations = await record(mocks, () => new TalosCluster(clusterName, declaration({ clusterName })));
    return new Set([...registrations.values()].map(({ name }) => name));
  };
  const [one, other] = await Promise.all([namesOf("one"), namesOf("other")]);
  const common = [...one].filter((name) => other.has(name));
  expect(common).toEqual(expect.arrayContaining(["cluster-name", "cluster-name-record"]));
});
