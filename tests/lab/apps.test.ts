/** What stands beside the releases of an apps folder, and what stays of it once the folder is gone. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { nameOf } from "./harness/events.ts";
import { type Lab, root } from "./harness/lab.ts";
import { startLab } from "./harness/start.ts";

const apps = join(root, ".lab/tests/apps-folder");

/** The commented example that the project ships, as an owner puts it to use. */
const sync = readFileSync(join(root, "apps/flux-system/flux2/after/sync.yaml"), "utf8")
  .split("#---\n")
  .slice(1)
  .join("#---\n")
  .replaceAll(/^#/gm, "");

const added: Record<string, string> = {
  "flux-system/flux2/after/sync.yaml": sync,
  "flux-system/manifests/key.yaml": secret("op://lab/flux/identity"),
  // Nothing binds it: were it waited for, the network would never come.
  "flux-system/manifests/volume.yaml":
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: cache }\nspec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }\n",
  "flux-system/manifests/right.yaml":
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: demo }\nrules: [{ apiGroups: [apps], resources: [deployments], verbs: [get] }]\n",
  "kube-system/cilium/after/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: b }\n",
};

test("manifests come before the releases, after/ behind its own, and a removed folder takes no namespace, volume or definition", async () => {
  rmSync(apps, { recursive: true, force: true });
  cpSync(join(root, "apps"), apps, { recursive: true });
  for (const [path, text] of Object.entries(added)) write(path, text);
  const lab = await startLab({
    name: "apps",
    stack: "phoebe",
    set: {
      apps: relative(root, apps),
      endpoint: "https://10.135.0.10:6443",
      nodes: [{ hostname: "phoebe-k-ctrl-01", role: "controlplane", address: "10.135.0.10", installDisk: "/dev/nvme0n1" }],
    },
  });

  const run = lab.begin("up");
  const result = await run.process;
  expect(result.exitCode, result.all).toBe(0);
  const order = run.events.events.flatMap(({ resOutputsEvent: done }) => (done ? [nameOf(done.metadata.urn)] : []));
  const at = (name: string) => order.findIndex((made) => made.endsWith(name));
  expect(at("Secret-flux-system-key")).toBeGreaterThan(-1);
  expect(at("Secret-flux-system-key")).toBeLessThan(at("release-kube-system-cilium-helm"));
  expect(at("release-kube-system-cilium-helm")).toBeLessThan(at("ConfigMap-kube-system-settings"));
  expect(at("release-flux-system-flux2-helm")).toBeLessThan(at("Kustomization-flux-system-flux-system"));

  await lab.writeCredentials();
  const { "op://lab/flux/identity": value = "" } = JSON.parse(lab.read("values.json")) as Record<string, string>;
  expect(await key(lab)).toBe(value);
  expect(await lab.output("pulumi", "stack", "export"), "a Secret's data in the state").not.toContain(value);

  // A second look changes nothing; a changed value is rolled out.
  expect(await lab.up()).not.toHaveProperty("update");
  write("flux-system/manifests/key.yaml", secret("second"));
  await lab.up();
  expect(await key(lab)).toBe("second");

  rmSync(join(apps, "flux-system"), { recursive: true });
  await lab.up();
  for (const kept of [
    "namespace/flux-system",
    "persistentvolumeclaim/cache",
    "deployment/source-controller",
    "gitrepository/flux-system",
    "kustomization/flux-system",
    "customresourcedefinition/kustomizations.kustomize.toolkit.fluxcd.io",
  ]) {
    expect(await exists(lab, kept), kept).toBe(true);
  }
  expect(await exists(lab, "secret/key")).toBe(false);
  expect(await exists(lab, "clusterrole/demo")).toBe(false);

  // Flux has upgraded its definitions since, somebody has changed the namespace, and the folder is put back.
  const definition = "customresourcedefinition/kustomizations.kustomize.toolkit.fluxcd.io";
  await upgradeAsFlux(lab, definition);
  const upgraded = await field(lab, definition, "{.spec}");
  await lab.output("kubectl", "label", "namespace/flux-system", `${enforce}=baseline`, "--overwrite");
  cpSync(join(root, "apps/flux-system"), join(apps, "flux-system"), { recursive: true });
  const back = await lab.up();
  expect(back.import, "definitions as the cluster has them").toBeGreaterThan(0);
  expect(await field(lab, definition, "{.spec}")).toBe(upgraded);
  expect(await field(lab, "namespace/flux-system", `{.metadata.labels.${enforce.replaceAll(".", "\\.")}}`)).toBe("restricted");
  expect(Object.keys(await lab.up())).toEqual(["same"]);
});

const enforce = "pod-security.kubernetes.io/enforce";

async function upgradeAsFlux(lab: Lab, definition: string): Promise<void> {
  const { apiVersion, kind, metadata, spec } = JSON.parse(await lab.output("kubectl", "get", definition, "--output=json"));
  spec.versions[0].schema.openAPIV3Schema.description = "As a newer Flux says it";
  const file = join(lab.folder, "upgraded.json");
  writeFileSync(file, JSON.stringify({ apiVersion, kind, metadata: { name: metadata.name }, spec }));
  await lab.output("kubectl", "apply", "--server-side", "--force-conflicts", "--field-manager=kustomize-controller", `--filename=${file}`);
}

async function field(lab: Lab, object: string, path: string): Promise<string> {
  return lab.output("kubectl", "get", object, `--output=jsonpath=${path}`);
}

function secret(value: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: { name: key }\nstringData: { identity: ${value} }\n`;
}

async function exists(lab: Lab, object: string): Promise<boolean> {
  return (await lab.output("kubectl", "get", object, "--namespace=flux-system", "--ignore-not-found", "--output=name")) !== "";
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(apps, path)), { recursive: true });
  writeFileSync(join(apps, path), text);
}

async function key(lab: Lab): Promise<string> {
  const encoded = await lab.output("kubectl", "get", "secret", "key", "--namespace=flux-system", "--output=jsonpath={.data.identity}");
  return Buffer.from(encoded, "base64").toString();
}
