import type * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks } from "./fixtures.ts";
import { record } from "./recorder.ts";

// What no one catches ends a program, by Pulumi's runner. In this file it is taken from Vitest, for which it would be a mistake of the test.
process.removeAllListeners("unhandledRejection");
const refused = new Promise((resolve) => process.on("unhandledRejection", resolve));

test("no machine is touched while the factory says another ID than was computed", async () => {
  const registered: string[] = [];
  const other: pulumi.runtime.Mocks = {
    call: mocks.call,
    newResource: (args) => {
      registered.push(args.name);
      return args.type === "talos:imageFactory/schematic:Schematic" ? { id: "another", state: args.inputs } : mocks.newResource(args);
    },
  };
  // Never settles: the runner would end with the program.
  record(other, () => new TalosCluster("demo", declaration()));
  expect(await refused).toMatchObject({ message: expect.stringContaining("keeps this schematic as another") });
  expect(registered.filter((name) => /-(check|apply)$/.test(name))).toEqual([]);
});
