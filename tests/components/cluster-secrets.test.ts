import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Bundle, machineSecretsOf } from "../../cluster/secrets/bundle.ts";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { makeBundle } from "../cluster/secrets/fixtures.ts";
import { declaration, mocks } from "./fixtures.ts";
import { Graph } from "./graph.ts";
import { type Registration, record } from "./recorder.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await makeBundle();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is registered, and what machine configs are made of, with the clock so many days after the bundle was made. */
async function run(days: number) {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + days * 86_400_000 });
  const made: unknown[] = [];
  let people: unknown;
  const listening: pulumi.runtime.Mocks = {
    ...mocks,
    call: (args) => {
      if (args.token === "talos:machine/getConfiguration:getConfiguration") made.push(args.inputs);
      if (args.token === "talos:client/getConfiguration:getConfiguration") people = args.inputs.clientConfiguration;
      return mocks.call(args);
    },
  };
  const registrations = await record(
    listening,
    () => new TalosCluster("demo", declaration({ secrets: { source: "onepassword", bundle } })),
  );
  vi.useRealTimers();
  return { graph: new Graph("demo", registrations), made, people };
}

test("a secret of a patch is in no rendering", async () => {
  let cluster: TalosCluster | undefined;
  const call = (args: pulumi.runtime.MockCallArgs) =>
    args.token === "talos:machine/getConfiguration:getConfiguration"
      ? { ...args.inputs, machineConfiguration: "machine: { sysctls: { a: planted-value, b: plain } }\n" }
      : mocks.call(args);
  await record({ ...mocks, call }, () => {
    cluster = new TalosCluster("demo", declaration({ secretValues: ["planted-value"] }));
  });
  const renderings = await new Promise((resolve) => pulumi.output(cluster?.machineConfigurations).apply(resolve));
  expect(JSON.stringify(renderings)).toContain("plain");
  expect(JSON.stringify(renderings)).not.toContain("planted-value");
});

describe("a bundle that was read", () => {
  test("is what every machine config is made of, and no PKI is generated", async () => {
    const { graph, made } = await run(0);
    expect(graph.all.filter(({ type }) => type === "talos:machine/secrets:Secrets")).toEqual([]);
    expect(made).toHaveLength(5);
    for (const inputs of made) expect(inputs).toMatchObject({ machineSecrets: machineSecretsOf(bundle) });
  });

  test("is secret wherever it goes", async () => {
    const { graph } = await run(0);
    expect(graph.get("configuration-c1-reconfigure").inputs.environment).toMatchObject({
      TALOS_CA: { secret: JSON.stringify({ cert: bundle.certs.os.crt, key: bundle.certs.os.key }) },
    });
    expect(graph.get("configuration-c1-apply").inputs).toMatchObject({
      clientConfiguration: { secret: { caCertificate: bundle.certs.os.crt } },
      machineConfigurationInput: { secret: expect.anything() },
    });
  });

  test("gives people a client certificate whose renewal changes nothing else: no machine config is applied again", async () => {
    const [before, same, after] = [await run(0), await run(100), await run(200)];
    expect(same.people).toEqual(before.people);
    expect(after.people).not.toEqual(before.people);
    expect(after.made).toEqual(before.made);
    const byName = (one: Registration, other: Registration) => (one.name < other.name ? -1 : 1);
    expect(after.graph.all.sort(byName)).toEqual(before.graph.all.sort(byName));
  });
});
