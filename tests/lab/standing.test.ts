/** A cluster that stands: what must not touch it does not. One node is enough for that, so the tests share it. */

import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { talosAuthority } from "../../cluster/secrets/authority.ts";
import type { Bundle } from "../../cluster/secrets/bundle.ts";
import { mintClientCertificate, mintKubernetesClient } from "../../operations/lib/script/client-certificates.ts";
import { declaredIn, keepSecrets } from "./harness/by-hand.ts";
import { Lab } from "./harness/lab.ts";
import { standing } from "./harness/standing.ts";

const lab = new Lab({
  name: "standing",
  stack: "phoebe",
  set: {
    endpoint: "https://10.137.0.10:6443",
    nodes: [{ hostname: "phoebe-k-ctrl-01", role: "controlplane", address: "10.137.0.10", installDisk: "/dev/nvme0n1" }],
  },
});
let secrets: Bundle;
let before: Awaited<ReturnType<typeof standing>>;

beforeAll(async () => {
  await lab.start();
  secrets = parse(await keepSecrets(lab, declaredIn(lab))) as Bundle;
  await lab.up();
  await lab.writeCredentials();
  before = await standing(lab);
}, 900_000);
afterAll(() => lab.stop());

const preview = () => lab.tool("pulumi", ["preview", "--non-interactive", "--color=never"]);
const exported = () => lab.output("pulumi", "stack", "export", "--show-secrets");

test("another cluster's bundle stops a preview and an up before anything is applied, or stored", async () => {
  const own = lab.read("values.json");
  const stored = await removals();
  expect(stored).toHaveLength(1);
  await keepSecrets(lab, declaredIn(lab));
  const shown = await preview();
  expect(shown.exitCode).not.toBe(0);
  expect(shown.all).toMatch(/phoebe-k-ctrl-01 \(127\.137\.0\.10\) is not of that CA: it is another cluster's bundle/);
  const run = await lab.begin("up").process;
  expect(run.exitCode).not.toBe(0);
  expect(run.all).toMatch(/it is another cluster's bundle\. Nothing was changed/);
  expect(await removals()).toEqual(stored);
  expect(await standing(lab)).toEqual(before);

  writeFileSync(join(lab.folder, "values.json"), own, { mode: 0o600 });
  expect(Object.keys(await lab.up())).toEqual(["same"]);
});

test("client certificates that near their end are renewed, and nothing else changes", async () => {
  const authority = talosAuthority({ cert: secrets.certs.os.crt, key: secrets.certs.os.key });
  const base64 = (pem: string) => Buffer.from(pem).toString("base64");
  const talos = parse(await lab.stackOutput<string>("talosconfig")) as { contexts: Record<string, { crt: string; key: string }> };
  const kubernetes = parse(await lab.stackOutput<string>("kubeconfig")) as { users: { user: Record<string, string> }[] };
  const [had] = Object.values(talos.contexts);
  const user = kubernetes.users[0]?.user;

  // The state as it would be in a year: with certificates of minutes in the place of those that it has.
  const [old, oldKubernetes] = await Promise.all([mintClientCertificate(authority), mintKubernetesClient(secrets)]);
  const aged = [
    [had?.crt, base64(old.cert)],
    [had?.key, base64(old.key)],
    [user?.["client-certificate-data"], oldKubernetes.clientCertificate],
    [user?.["client-key-data"], oldKubernetes.clientKey],
  ].reduce((text, [from, to]) => text.replaceAll(from as string, to as string), await exported());
  const file = join(lab.folder, "aged.json");
  writeFileSync(file, aged, { mode: 0o600 });
  await lab.output("pulumi", "stack", "import", "--file", file);

  const changes = await lab.up();
  expect(changes).not.toHaveProperty("create");
  expect(changes).not.toHaveProperty("replace");
  expect(changes.update).toBeGreaterThan(0);
  await lab.writeCredentials();
  expect(await standing(lab)).toEqual(before);
  expect(validDays(parse(lab.read("talosconfig")).contexts.phoebe.crt)).toBeGreaterThan(180);
  expect(validDays(parse(lab.read("kubeconfig")).users[0].user["client-certificate-data"])).toBeGreaterThan(180);
});

test("a preview of the unchanged stack needs no network, and tells a cluster that is silent as unknown", async () => {
  await lab.stop();
  const shown = await preview();
  expect(shown.exitCode, String(shown.all)).toBe(0);
  expect(shown.all).toMatch(/No answer from phoebe-k-ctrl-01 \(127\.137\.0\.10\): what runs there is unknown/);
  expect(shown.stdout).toMatch(/^Resources:\s+\d+ unchanged\s*$/m);
});

/** What the removal of the node would go by. */
async function removals(): Promise<unknown[]> {
  const { deployment } = JSON.parse(await exported()) as { deployment: { resources: { urn: string; inputs?: unknown }[] } };
  return deployment.resources.filter(({ urn }) => urn.includes("NodeRemoval$command:")).map(({ inputs }) => inputs);
}

function validDays(certificate: string): number {
  const { validToDate } = new X509Certificate(Buffer.from(certificate, "base64"));
  return (validToDate.getTime() - Date.now()) / 86_400_000;
}
