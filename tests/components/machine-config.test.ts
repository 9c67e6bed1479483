import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { declareNodes } from "../../cluster/declaration.ts";
import { bundleSchema } from "../../cluster/secrets/bundle.ts";
import { generateConfig, makeUpSecrets } from "../../commands/talosctl.ts";
import { ClusterSecrets } from "../../components/cluster-secrets.ts";
import { NodeConfiguration } from "../../components/node-configuration.ts";
import { readStackFile, stackFiles } from "../../sources/stack-file.ts";
import { readWritten } from "../../sources/written.ts";
import { TalosProvider } from "./provider.ts";

let provider: TalosProvider;
let folder: string;
beforeAll(async () => {
  provider = await TalosProvider.start();
  folder = mkdtempSync(join(tmpdir(), "phoebe-machine-config-"));
});
afterAll(() => {
  provider.stop();
  rmSync(folder, { recursive: true });
});

/** The machine config that a node is given: the program asks the real provider, and hands over what that answers. */
async function leaving(args: Omit<ConstructorParameters<typeof NodeConfiguration>[1], "secrets">, secrets: string): Promise<string> {
  const applied = Promise.withResolvers<string>();
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => provider.invoke(token, inputs),
      newResource: ({ type, name, inputs }) => {
        if (type.endsWith(":ConfigurationApply")) applied.resolve(inputs.machineConfigurationInput.value); // It is a secret.

        return { id: name, state: inputs };
      },
    },
    "phoebe",
    "test",
    false,
  );
  const { talosContract } = args;
  const bundle = bundleSchema.parse(parse(secrets));
  const made = new ClusterSecrets("test-secrets", {
    secrets: { source: "onepassword", bundle },
    talosContract,
    allowDestroy: false,
    secretValues: [],
  });
  new NodeConfiguration("test-node", { ...args, secrets: made });
  return applied.promise;
}

const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);

describe.each(stackFiles("."))("%s", (file) => {
  const written = readWritten(".", readStackFile(".", file));

  test.each(declareNodes(written).map((node) => [node.hostname, node] as const))(
    "%s is given what talosctl makes of the same secrets, versions and patches, and Talos accepts it",
    async (_, node) => {
      const { cluster } = written;
      const secrets = await makeUpSecrets(cluster.talosContract);
      const given = await leaving({ ...cluster, schematicId: node.image.id, node }, secrets);
      expect(documents(given)).toEqual(documents(await generateConfig({ ...cluster, ...node }, secrets)));

      const path = join(folder, `${node.hostname}.yaml`);
      writeFileSync(path, given, { mode: 0o600 });
      await execa("talosctl", ["validate", "--mode", "metal", "--strict", "--config", path]);
    },
  );
});
