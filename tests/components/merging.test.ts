/** Talos merges the patches: what must not matter about how they are written does not, in 2,000 comparisons a run. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Document, parse, stringify, visit } from "yaml";
import { type Bundle, machineSecretsOf } from "../../cluster/secrets/bundle.ts";
import { makeUpSecrets } from "../../commands/talosctl.ts";
import { TalosProvider } from "./provider.ts";

let provider: TalosProvider;
let machineSecrets: ReturnType<typeof machineSecretsOf>;
beforeAll(async () => {
  provider = await TalosProvider.start();
  machineSecrets = machineSecretsOf(parse(await makeUpSecrets("v1.13")) as Bundle);
});
afterAll(() => provider.stop());

/** The machine config that Talos makes of patches, its documents in an order of their own. */
async function merged(...configPatches: string[]): Promise<string[]> {
  const { machineConfiguration } = await provider.invoke("talos:machine/getConfiguration:getConfiguration", {
    clusterName: "demo",
    clusterEndpoint: "https://10.1.0.9:6443",
    machineType: "controlplane",
    machineSecrets,
    talosVersion: "v1.13",
    kubernetesVersion: "1.36.3",
    configPatches,
    docs: false,
    examples: false,
  });
  return String(machineConfiguration)
    .split(/^---$/m)
    .map((document) => document.trim())
    .sort();
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
const words = fc.dictionary(word, word, { minKeys: 1, maxKeys: 4 });
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const component = fc.record({ extraArgs: words, certSANs: fc.array(fc.domain(), { maxLength: 3 }) });

const config = fc.record({
  machine: fc.record({
    sysctls: some(words),
    sysfs: some(words),
    nodeLabels: some(words),
    kernel: some(fc.record({ modules: fc.array(fc.record({ name: word }), { maxLength: 3 }) })),
    kubelet: some(fc.record({ extraArgs: words, extraConfig: words, clusterDNS: fc.array(fc.ipV4(), { maxLength: 2 }) })),
    files: some(fc.array(fc.record({ content: fc.string(), permissions: fc.constant(0o644), path: word, op: fc.constant("create") }))),
    certSANs: some(fc.array(fc.domain(), { maxLength: 3 })),
  }),
  cluster: fc.record({ apiServer: some(component), controllerManager: some(fc.record({ extraArgs: words })), clusterName: word }),
});

const document = fc.oneof(
  fc.record({ kind: fc.constant("TrustedRootsConfig"), name: word, certificates: fc.string() }),
  fc.record({ kind: fc.constant("ExtensionServiceConfig"), name: word, environment: fc.array(word.map((name) => `${name}=1`)) }),
  fc.record({ kind: fc.constant("EnvironmentConfig"), variables: words }),
);
const documents = fc.uniqueArray(document, { selector: (each) => `${each.kind} ${"name" in each ? each.name : ""}`, maxLength: 4 });

const text = (values: readonly object[]) => values.map((value) => stringify(value)).join("---\n");
const named = (values: readonly object[]) => values.map((value) => ({ apiVersion: "v1alpha1", ...value }));

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

/** Two mappings that are one when merged: each key that holds no mapping, in one of them. */
function split(value: Record<string, unknown>, first: (key: string) => boolean): [object, object] {
  const halves: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== "object" || member === null || Array.isArray(member)) halves[first(key) ? 0 : 1][key] = member;
    else
      for (const [index, half] of split(member as Record<string, unknown>, first).entries())
        if (Object.keys(half).length > 0) halves[index as 0 | 1][key] = half;
  }
  return halves;
}

function commented(value: object): string {
  const document = new Document(value);
  visit(document, {
    Pair: (_, pair) => {
      (pair.key as { commentBefore?: string }).commentBefore = " why: [it {is} so";
    },
  });
  return `# first\n${document.toString()}# last\n`;
}

test("the order of keys and of documents, comments, and the file that a key stands in do not matter", async () => {
  const property = fc.asyncProperty(config, documents, fc.func(fc.boolean()), async (raw, extra, first) => {
    const main = JSON.parse(JSON.stringify(raw)) as Record<string, unknown>; // without what is undefined
    const others = named(extra);
    const [one, two] = split(main, first as (key: string) => boolean);
    const files = [[one], [two, ...others]].map((values) => text(values.filter((value) => Object.keys(value).length > 0)));
    const [expected, ...alike] = await Promise.all([
      merged(text([main, ...others])),
      merged(text([reversed(main), ...others.map(reversed)] as object[])),
      merged(text([...others.toReversed(), main])),
      merged([main, ...others].map(commented).join("---\n")),
      merged(...files.filter(Boolean)),
    ]);
    expect(alike).toEqual([expected, expected, expected, expected]);
  });
  await fc.assert(property, { numRuns: 500 });
}, 240_000);
