import { beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type Bundle, machineSecretsOf } from "../../../cluster/secrets/bundle.ts";
import { bundleOf, parseTemplate } from "../../../cluster/secrets/template.ts";
import { changed, makeBundle, templateOf } from "./fixtures.ts";

let bundle: Bundle;
let other: Bundle;
beforeAll(async () => {
  bundle = await makeBundle();
  other = await makeBundle();
});

const file = "talsecret.yaml";
const parsed = (template: unknown) => parseTemplate(file, stringify(template));
/** What is said of a bundle whose values are those. */
const resolved = (key: string, value: string, now?: Date) => {
  const { template, values } = templateOf(bundle);
  return () => bundleOf(parsed(template), new Map([...values, [`op://homelab/talos/${key}`, value]]), now);
};

describe("a template", () => {
  test("of references becomes the bundle", () => {
    const { template, values } = templateOf(bundle);
    expect(parsed(template).references).toHaveLength(14);
    expect(bundleOf(parsed(template), values)).toEqual(bundle);
  });

  test("that is one reference becomes the bundle that it leads to", () => {
    const template = parseTemplate(file, "op://homelab/talos/bundle\n");
    expect(bundleOf(template, new Map([["op://homelab/talos/bundle", stringify(bundle)]]))).toEqual(bundle);
  });

  test("may hold what is public", () => {
    const { template, values } = templateOf(bundle);
    expect(
      bundleOf(parsed(changed(changed(template, "cluster.id", bundle.cluster.id), "certs.os.crt", bundle.certs.os.crt)), values),
    ).toEqual(bundle);
  });

  test.each<[string, string, unknown, RegExp]>([
    ["a missing part", "certs.os", undefined, /certs\.os: is missing: expected crt, key|certs\.os: is missing: expected crt and key/],
    ["a missing key", "certs.etcd.key", undefined, /certs\.etcd\.key: is missing: expected a reference/],
    ["neither encryption key", "secrets.secretboxencryptionsecret", undefined, /secrets\.secretboxencryptionsecret: is missing/],
    [
      "a misspelt key",
      "certs.k8sagregator",
      { crt: "op://a/b/c", key: "op://a/b/d" },
      /certs\.k8sagregator: is not a known key; did you mean k8saggregator\?/,
    ],
    ["a number", "trustdinfo.token", 12, /trustdinfo\.token: expected a reference/],
    ["nothing", "trustdinfo.token", "", /trustdinfo\.token: is empty/],
    ["half a reference", "trustdinfo.token", "op://homelab/talos", /talsecret\.yaml:8: trustdinfo\.token: is no reference/],
    ["a plain secret", "trustdinfo.token", "s3cr3t.value", /trustdinfo\.token: is a secret in plain text/],
    ["what SOPS encrypted", "certs.os.key", "ENC[AES256_GCM,data:s3cr3t.value]", /certs\.os\.key: is encrypted by SOPS/],
  ])("with %s is refused, and shows no value", (_, key, value, expected) => {
    const { template } = templateOf(bundle);
    const broken = () => parsed(changed(template, key, value));
    expect(broken).toThrow(expected);
    expect(broken).not.toThrow(/s3cr3t/);
  });

  test.each<[string, string, RegExp]>([
    ["that is empty", "", /the file: (is missing: )?expected cluster, secrets, trustdinfo, certs/],
    ["that is a list", "- a", /the file: expected cluster, secrets, trustdinfo, certs/],
    ["that is not YAML", "cluster: [s3cr3t", /talsecret\.yaml: one problem\n {2}line 1, column \d+: is not valid YAML \(\w+\)$/],
    ["with an alias to nowhere", "cluster: *s3cr3t", /is not valid YAML|has an alias/],
    ["that is half a reference", "op://vault/item", /the file: is no reference/],
  ])("%s is refused", (_, text, expected) => {
    expect(() => parseTemplate(file, text)).toThrow(expected);
    expect(() => parseTemplate(file, text)).not.toThrow(/s3cr3t/);
  });

  test("tells all that is wrong at once", () => {
    const { template } = templateOf(bundle);
    expect(() => parsed(changed(changed(template, "certs.os.key"), "cluster.id"))).toThrow(/2 problems\n.*cluster\.id.*\n.*certs\.os\.key/);
  });
});

describe("a bundle's values", () => {
  test.each<[string, () => [string, string], RegExp]>([
    ["a certificate that is none", () => ["certs.os.crt", "bm9uZQ=="], /certs\.os\.crt: is no certificate \(PEM in base64\)/],
    ["a key that is none", () => ["certs.etcd.key", "bm9uZQ=="], /certs\.etcd\.key: is no private key \(PEM in base64\)/],
    [
      "a service account's key that is none",
      () => ["certs.k8sserviceaccount.key", "bm9uZQ=="],
      /certs\.k8sserviceaccount\.key: is no private key/,
    ],
    ["another's key", () => ["certs.k8s.key", other.certs.k8s.key], /certs\.k8s\.key: is not the key of its crt/],
    [
      "a Talos key of another kind",
      () => ["certs.os.key", bundle.certs.k8sserviceaccount.key],
      /certs\.os\.key: is of the kind ec; Talos's is ed25519/,
    ],
    ["a short secret", () => ["cluster.secret", "c2hvcnQ="], /cluster\.secret: is not 32 bytes in base64/],
    ["a short encryption key", () => ["secrets.secretboxencryptionsecret", "c2hvcnQ="], /is not 32 bytes in base64/],
    ["a token of another form", () => ["secrets.bootstraptoken", "s3cr3t"], /secrets\.bootstraptoken: is no token/],
    ["a reference to a reference", () => ["trustdinfo.token", "op://a/b/c"], /trustdinfo\.token: is still a reference/],
    ["blanks", () => ["trustdinfo.token", "  "], /trustdinfo\.token: is empty/],
  ])("with %s are refused", (_, change, expected) => {
    const [key, value] = change();
    expect(resolved(key, value)).toThrow(expected);
    if (value.trim()) expect(resolved(key, value)).not.toThrow(value);
  });

  test("are refused when a certificate has expired, or is not valid yet", () => {
    expect(resolved("trustdinfo.token", "a", new Date("2999-01-01"))).toThrow(
      /4 problems\n {2}certs\.etcd\.crt: expired on 20\d\d-\d\d-\d\d/,
    );
    expect(resolved("trustdinfo.token", "a", new Date("1999-01-01"))).toThrow(
      /certs\.os\.crt: is valid from .* is this machine's clock right\?/,
    );
  });

  test("behind a reference to all of them are judged the same", () => {
    const template = parseTemplate(file, "op://homelab/talos/bundle");
    const of = (text: string) => () => bundleOf(template, new Map([["op://homelab/talos/bundle", text]]));
    expect(of("certs: s3cr3t")).toThrow(/talsecret\.yaml \(op:\/\/homelab\/talos\/bundle\): 4 problems/);
    expect(of("certs: s3cr3t")).not.toThrow(/s3cr3t/);
    expect(of("certs: [s3cr3t")).toThrow(/op:\/\/homelab\/talos\/bundle: one problem\n {2}line 1, column \d+: is not valid YAML/);
  });
});

test("the provider's names are given to all parts", () => {
  const made = machineSecretsOf(bundle);
  expect(made.certs.k8sAggregator).toEqual({ cert: bundle.certs.k8saggregator.crt, key: bundle.certs.k8saggregator.key });
  expect(made.secrets).toEqual({
    bootstrapToken: bundle.secrets.bootstraptoken,
    secretboxEncryptionSecret: bundle.secrets.secretboxencryptionsecret,
  });
  expect(machineSecretsOf(changed(bundle, "secrets.aescbcencryptionsecret", "a")).secrets).toMatchObject({ aescbcEncryptionSecret: "a" });
});
