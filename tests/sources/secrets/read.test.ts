import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { ManifestFolder } from "../../../cluster/manifests.ts";
import { fileOfValues } from "../../../sources/secrets/file.ts";
import { type Referring, readSecrets, readTemplate, storeOf } from "../../../sources/secrets/read.ts";
import { type Answer, type SecretStore, StoreUnreachable } from "../../../sources/secrets/store.ts";
import { makeBundle, templateOf } from "../../cluster/secrets/fixtures.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "phoebe-secrets-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const cluster = { secrets: { source: "onepassword", template: "talsecret.yaml" }, patches: "patches" } as const;
const generated = { secrets: { source: "generated" }, patches: "patches" } as const;

/** Reads as a run does, the template from the folder. */
const readAll = async (
  cluster: Referring["cluster"],
  patches: Referring["patches"],
  store: SecretStore,
  manifests: ManifestFolder[] = [],
) => readSecrets({ cluster, patches, apps: { manifests }, template: readTemplate(root, cluster.secrets) }, store);

/** A store of values that counts how often it is asked. */
function store(values: ReadonlyMap<string, string>): SecretStore & { calls: string[][] } {
  const calls: string[][] = [];
  return {
    calls,
    async resolveAll(references) {
      calls.push([...references]);
      return new Map(
        references.map((reference): [string, Answer] => {
          const value = values.get(reference);
          return [reference, value ? { value } : { why: "there is no such field in the item" }];
        }),
      );
    },
  };
}

describe("secrets", () => {
  test("of the bundle and the patches are resolved by one call, each reference once", async () => {
    const bundle = await makeBundle();
    const { template, values } = templateOf(bundle);
    writeFileSync(join(root, "talsecret.yaml"), stringify(template));
    const asked = store(new Map([...values, ["op://a/b/c", "wire"]]));
    const patches = [
      { path: "global/a.yaml", text: "a: op://a/b/c # x\n" },
      { path: "global/b.yaml", text: "b: op://a/b/c\n" },
      { path: "global/c.yaml", text: "c:   plain\n" },
    ];
    const read = await readAll(cluster, patches, asked);
    expect(read.secrets).toEqual({ source: "onepassword", bundle });
    expect(read.patches.map(({ text }) => text)).toEqual(['a: "wire" # x\n', 'b: "wire"\n', "c:   plain\n"]);
    expect(read.secretValues).toEqual(["wire"]);
    expect(asked.calls).toHaveLength(1);
    expect(asked.calls[0]).toHaveLength(values.size + 1);
  });

  test("in Secrets among manifests are resolved by the same call, and nothing else of them is touched", async () => {
    const asked = store(
      new Map([
        ["op://a/b/c", "wire"],
        ["op://a/b/key", "line\nline"],
      ]),
    );
    const secret = { apiVersion: "v1", kind: "Secret", stringData: { key: "op://a/b/key", user: "git" } };
    const other = { apiVersion: "v1", kind: "ConfigMap", data: { a: "b" } };
    const folder = { namespace: "demo", objects: [secret, other].map((content) => ({ where: "a.yaml:1:1", content })) };
    const read = await readAll(generated, [{ path: "global/a.yaml", text: "a: op://a/b/c\n" }], asked, [folder]);
    expect(read.manifests[0]?.objects.map(({ content }) => content)).toEqual([
      { ...secret, stringData: { key: "line\nline", user: "git" } },
      other,
    ]);
    expect(asked.calls).toEqual([["op://a/b/c", "op://a/b/key"]]);
    await expect(readAll(generated, [], store(new Map()), [folder])).rejects.toThrow(
      'a.yaml:1:1: stringData.key: "op://a/b/key": there is no such field in the item',
    );
  });

  test("that nothing refers to are asked of nobody", async () => {
    const asked = store(new Map());
    expect((await readAll(generated, [{ path: "global/a.yaml", text: "a: 1\n" }], asked)).secrets).toEqual({
      source: "generated",
    });
    expect(asked.calls).toEqual([]);
  });

  test("without a value are all named, with their places", async () => {
    const { template } = templateOf(await makeBundle());
    writeFileSync(join(root, "talsecret.yaml"), stringify(template));
    const read = readAll(cluster, [{ path: "global/a.yaml", text: "a: op://a/b/c\n" }], store(new Map()));
    await expect(read).rejects.toThrow(/^secrets: 15 problems\n/);
    await expect(read).rejects.toThrow(
      'talsecret.yaml:23: certs.os.key: "op://homelab/talos/certs.os.key": there is no such field in the item',
    );
    await expect(read).rejects.toThrow('patches/global/a.yaml:1: a: "op://a/b/c": there is no such field in the item');
  });

  test("that cannot be asked for stop everything", async () => {
    const away: SecretStore = {
      resolveAll: () => Promise.reject(new StoreUnreachable("1Password is away.")),
    };
    const read = readAll(generated, [{ path: "global/a.yaml", text: "a: op://a/b/c\n" }], away);
    await expect(read).rejects.toThrow(/^secrets: one problem\n.*1Password is away\. Nothing is done without the values .*npm run render/);
  });

  test("need their template", async () => {
    await expect(readAll(cluster, [], store(new Map()))).rejects.toThrow(/secrets\.template: "talsecret.yaml": there is no such file/);
  });
});

describe("the lab's file of values", () => {
  const file = () => join(root, "values.json");
  const write = (text: string, mode = 0o600) => {
    writeFileSync(file(), text);
    chmodSync(file(), mode);
  };

  test("answers, and goes before 1Password", async () => {
    write('{"op://a/b/c": "value"}');
    const lab = storeOf(generated.secrets, { PHOEBE_SECRETS_FILE: file(), OP_SERVICE_ACCOUNT_TOKEN: "token" });
    expect(await lab.resolveAll(["op://a/b/c", "op://a/b/d"])).toEqual(
      new Map<string, Answer>([
        ["op://a/b/c", { value: "value" }],
        ["op://a/b/d", { why: expect.stringMatching(/the lab made no value for it/) }],
      ]),
    );
  });

  test.each<[string, () => void, RegExp]>([
    ["that is missing", () => {}, /There is no .*values\.json/],
    ["that others may read", () => write("{}", 0o640), /may be read by others: chmod 600/],
    ["that is not JSON", () => write("s3cr3t"), /is not the lab's file of values/],
    ["that holds something else", () => write('{"a": ["s3cr3t"]}'), /is not the lab's file of values/],
  ])("%s is refused", async (_, prepare, expected) => {
    prepare();
    const asked = fileOfValues(file()).resolveAll(["op://a/b/c"]);
    await expect(asked).rejects.toThrow(StoreUnreachable);
    await expect(asked).rejects.toThrow(expected);
    await expect(asked).rejects.not.toThrow(/s3cr3t/);
  });
});
