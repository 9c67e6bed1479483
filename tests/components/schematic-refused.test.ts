import type * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks } from "./fixtures.ts";
import { record } from "./recorder.ts";

// What no one catches ends a program, by Pulumi's runner. In this file it is taken from Vitest, for which it would be a mistake of the test.
process.removeAllListeners("unhandledRejection");
const refused = new Promise((resolve) => process.on("unhandledRejection", resolve));

const schematic = `demo-schematic-${"a".repeat(64)}-submitted`;
/** All that waits for no schematic; the last one waits for the others. */
const before = [
  "cluster-name-record",
  "demo-guard-first-command",
  "demo-secrets-generated",
  ...["c1", "c2", "c3", "w1", "w2"].map((hostname) => `demo-removal-${hostname}-command`),
  "demo-guard-nodes-command",
];

test("no machine is touched while the factory says another ID than was computed", async () => {
  const made: string[] = [];
  const told = Promise.withResolvers<void>();
  const other: pulumi.runtime.Mocks = {
    call: mocks.call,
    newResource: async (args) => {
      if (args.custom && !args.type.startsWith("pulumi:providers:")) made.push(args.name);
      if (args.name === before.at(-1)) told.resolve();
      if (args.name !== schematic) return mocks.newResource(args);
      await told.promise; // the factory is slower than all that does not wait for it
      return { id: "another", state: args.inputs };
    },
  };
  // Never settles: the runner would end with the program.
  record(other, () => new TalosCluster("demo", declaration()));
  expect(await refused).toMatchObject({ message: expect.stringContaining("keeps this schematic as another") });
  expect(made.sort()).toEqual([...before, schematic].sort());
});
