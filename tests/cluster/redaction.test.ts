import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { readerOf, redacted, secretsIn, withheld } from "../../cluster/redaction.ts";

const pem = (kind: string) =>
  `-----BEGIN ${kind}-----\nMC4CAQAwBQYDK2VwBCIEIErUYWFGdkZhY2Vib29r\nAAAAc2VjcmV0c2VjcmV0\n-----END ${kind}-----\n`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const readable = (config: string, secrets: Iterable<string>) => readerOf(secrets)(config);
const read = (config: unknown, secrets: readonly string[] = []) => readable(stringify(config), secrets);
const parsed = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);

describe("what comes through", () => {
  const config = {
    version: "v1alpha1",
    machine: {
      sysctls: { "net.core.rmem_max": "67108864" },
      files: [{ path: "/etc/x", permissions: 420, content: "a\nb\n" }],
      acceptedCAs: [{ crt: base64(pem("CERTIFICATE")) }],
    },
    cluster: { allowSchedulingOnControlPlanes: true, apiServer: { extraArgs: { "service-account-issuer": "https://10.0.0.1:6443" } } },
  };
  const second = { apiVersion: "v1alpha1", kind: "HostnameConfig", hostname: "c1", auto: "off" };

  test("is the config itself where it holds no secret, document by document", () => {
    const text = [config, second].map((document) => stringify(document)).join("---\n");
    expect(parsed(readable(text, ["a-known-secret"]))).toEqual([config, second]);
  });

  test("is the same however it was laid out, and whatever its comments say", () => {
    const text = stringify(config);
    expect(readable(`# a comment\n${JSON.stringify(config)}\n`, [])).toBe(readable(text, []));
    expect(readable(text.replace("machine:", "machine: # token abc"), [])).toBe(readable(text, []));
  });

  test("keeps numbers as they were written", () => {
    expect(readable("permissions: 0o644\nsize: 12345678901234567890\n", [])).toBe("permissions: 0o644\nsize: 12345678901234567890\n");
  });
});

/** One value for each place of which Talos itself says that it is secret, and its documents' other places. */
const planted = "a-value-that-is-known-to-nobody";
const atSecretPlaces = {
  machine: {
    token: planted,
    ca: { crt: planted, key: planted },
    registries: {
      config: {
        "ghcr.io": {
          auth: { password: planted, auth: planted, identityToken: planted },
          tls: { clientIdentity: { crt: "", key: planted } },
        },
      },
    },
    network: {
      interfaces: [
        {
          wireguard: { privateKey: planted },
          vip: { equinixMetal: { apiToken: planted }, hcloud: { apiToken: planted } },
          vlans: [{ vip: { hcloud: { apiToken: planted } } }],
        },
      ],
    },
    systemDiskEncryption: { state: { keys: [{ static: { passphrase: planted } }] } },
    env: { TS_AUTHKEY: planted, http_proxy: `http://user:${planted}@proxy` },
  },
  cluster: {
    id: planted,
    secret: planted,
    token: planted,
    aescbcEncryptionSecret: planted,
    secretboxEncryptionSecret: planted,
    ca: { crt: planted, key: planted },
    aggregatorCA: { crt: planted, key: planted },
    serviceAccount: { key: planted },
    etcd: { ca: { crt: planted, key: planted } },
    inlineManifests: [{ name: "key", contents: `apiVersion: v1\nkind: Secret\nstringData:\n  identity: ${planted}\n` }],
  },
  uniqueToken: planted,
  apiUrl: `https://siderolink.api/?jointoken=${planted}`,
  peers: [{ presharedKey: planted }],
  encryption: { keys: [{ static: { passphrase: planted } }] },
  username: "shown",
};

describe("where Talos keeps a secret", () => {
  test("none is shown that is known to nobody", () => {
    const text = read(atSecretPlaces);
    expect(text).not.toContain(planted);
    expect(text).toContain("username: shown");
    expect(text.split(redacted)).toHaveLength(JSON.stringify(atSecretPlaces).split(planted).length);
  });

  test("an empty one stays empty, so that a worker shows that it has no key", () => {
    expect(parsed(read({ machine: { ca: { crt: "abc", key: "" } } }))).toEqual([{ machine: { ca: { crt: redacted, key: "" } } }]);
  });

  test("a private key is known by its form", () => {
    for (const kind of ["PRIVATE KEY", "RSA PRIVATE KEY", "ED25519 PRIVATE KEY"]) {
      expect(read({ machine: { files: [{ content: pem(kind) }, { content: base64(pem(kind)) }] } })).not.toMatch(/MC4C|LS0t/);
    }
  });
});

/** Ways in which a text is written into another. Each alone keeps the whole of it. */
const encodings: Record<string, (text: string) => string> = {
  base64,
  "base64 for URLs": (text) => Buffer.from(text).toString("base64url"),
  "base64 in lines": (text) => base64(text).replace(/.{5}/g, "$&\n  "),
  hexadecimal: (text) => Buffer.from(text).toString("hex"),
  "upper-case hexadecimal": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  JSON: (text) => JSON.stringify({ nested: [text] }),
  YAML: (text) => stringify({ nested: { text } }),
  "YAML in single quotes": (text) => stringify({ text }, { singleQuote: true }),
  "YAML in double quotes, continued": (text) => `text: ${JSON.stringify(text).replace(/[a-z]{5}/g, "$&\\\n    ")}\n`,
  "a URL": (text) => `https://example.org/?a=${encodeURIComponent(text)}`,
  "a query": (text) => new URLSearchParams({ text }).toString(),
  "between other letters": (text) => `abc${text}def`,
  "between words": (text) => `first ${text} last`,
};

const secret = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 8, maxLength: 40 }),
  fc.base64String({ minLength: 8, maxLength: 60 }),
  fc.constant(pem("OPENSSH")),
  fc.constant(base64(pem("OPENSSH"))),
);
const wrapped = fc.tuple(secret, fc.array(fc.constantFrom(...Object.keys(encodings)), { maxLength: 3 })).map(([value, names]) => ({
  value,
  names,
  text: names.reduce((text, name) => (encodings[name] as (text: string) => string)(text), value),
}));

describe("a known secret, however it is written", () => {
  /** Whether the text came through, whole or in the form that it had before it was laid out as YAML. */
  const comesThrough = (shown: string, text: string) => JSON.stringify(parsed(shown)).includes(JSON.stringify(text).slice(1, -1));
  const squeeze = (text: string) => text.replace(/\s/g, "");

  test("never comes through: as a value, in a list, as a key, in a comment", () => {
    fc.assert(
      fc.property(wrapped, fc.constantFrom("value", "list", "key", "comment"), ({ value, text }, place) => {
        fc.pre(squeeze(value).length >= 8);
        const config = { machine: { certSANs: ["a"] as string[], sysctls: {} as Record<string, string> } };
        if (place === "value") config.machine.sysctls.value = text;
        if (place === "list") config.machine.certSANs.push(text);
        if (place === "key") config.machine.sysctls[text] = "value";
        const yaml = stringify(config) + (place === "comment" ? `# ${text.replaceAll(/[\r\n]/g, " ")}\n` : "");
        const shown = readable(yaml, ["another secret", value]);
        expect(comesThrough(shown, text)).toBe(false);
        expect(squeeze(shown)).not.toContain(squeeze(text));
        if (shown !== withheld) expect(shown).toMatch(place === "comment" ? /sysctls: {}\n$/ : redacted);
      }),
      { numRuns: 2_000 },
    );
  });

  test("which is itself encoded, does not come through decoded", () => {
    const known = base64(pem("OPENSSH"));
    for (const form of [
      pem("OPENSSH"),
      pem("OPENSSH").split("\n").slice(1, 3).join(""),
      base64(`{"k":${JSON.stringify(pem("OPENSSH"))}}`),
    ]) {
      expect(parsed(read({ machine: { env: { A: form } } }, [known]))).toEqual([{ machine: { env: { A: redacted } } }]);
    }
  });

  test("and is a number, does not come through in whatever notation", () => {
    expect(readable("a: 0012345678\nb: 12345678\nc: 1234567890123456789012\n", ["0012345678", "1234567890123456789012"])).toBe(
      `a: ${redacted}\nb: 12345678\nc: ${redacted}\n`,
    );
  });

  test("and is very short, takes more away than need be, and never less", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 3 }), (value) => {
        fc.pre(squeeze(value) !== "");
        const shown = read({ machine: { kubelet: { image: `x${value}y` }, type: "worker" } }, [value]);
        expect(shown === withheld || !shown.includes(`x${value}y`)).toBe(true);
      }),
    );
  });

  test("hides nothing of a config that does not hold it", () => {
    fc.assert(
      fc.property(fc.array(fc.base64String({ minLength: 16, maxLength: 60 }), { maxLength: 20 }), (secrets) => {
        const config = {
          machine: { network: { nameservers: ["10.60.0.1", "1.1.1.1"] }, kubelet: { image: "ghcr.io/siderolabs/kubelet:v1.36.3" } },
        };
        expect(parsed(read(config, secrets))).toEqual([config]);
      }),
    );
  });
});

describe("in doubt nothing is shown", () => {
  test.each([
    ["text that is not YAML", "a: b: c\n  - {"],
    ["no document at all", ""],
    ["a secret that only the whole shows", "a: [sec, ret]\n"],
  ])("%s", (_, text) => {
    expect(readable(text, ["-sec-ret", "a:\n - sec"])).toBe(withheld);
  });

  test("any text gives YAML or the sentence that says so", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string()), (text, secrets) => {
        const shown = readable(text, secrets);
        expect(
          shown === withheld || parseAllDocuments(shown).every((document) => document.errors.length === 0 || shown.includes(redacted)),
        ).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("an alias is no plain data", () => {
    expect(readable("a: &x text\nb: *x\n", [])).toBe(`a: text\nb: ${redacted}\n`);
  });
});

test("of a secrets bundle, all but the certificates and the cluster's ID is secret", () => {
  const certs = { os: { cert: "public", key: "key 1" }, k8sServiceaccount: { key: "key 2" }, etcd: { crt: "public", key: "key 3" } };
  const bundle = {
    cluster: { id: "public", secret: "secret" },
    secrets: { bootstrapToken: "token" },
    trustdinfo: { token: "trustd" },
    certs,
  };
  expect(secretsIn(bundle)).toEqual(["secret", "token", "trustd", "key 1", "key 2", "key 3"]);
});
