import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stackFiles } from "../../sources/stack-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phoebe-validate-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const validate = (...files: string[]) =>
  execa("node", ["commands/validate.ts", ...files], { reject: false, preferLocal: true, env: { PATH: "/usr/bin:/bin" } });

function stackFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const twoControlPlaneNodes = `config:
  phoebe:clusterName: demo
  phoebe:endpoint: https://10.1.0.9:6443
  phoebe:talosVersion: v1.13.3
  phoebe:talosContract: v1.13
  phoebe:kubernetesVersion: v1.36.3
  phoebe:allowSchedulingOnControlPlanes: true
  phoebe:patches: stacks/lab/patches
  phoebe:secrets: { source: generated }
  phoebe:nodes:
    - { hostname: c1, role: controlplane, address: 10.1.0.1, installDisk: /dev/sda }
    - { hostname: c2, role: controlplane, address: 10.1.0.2, installDisk: /dev/sda }
`;

test("every stack of the project is in order", async () => {
  const { exitCode, stdout, stderr } = await validate();
  expect(stderr).toBe("");
  expect(stdout.split("\n").filter((line) => line.includes("nothing is wrong"))).toHaveLength(stackFiles(".").length);
  expect(stdout).not.toMatch(/warning: endpoint/);
  expect(exitCode).toBe(0);
});

test("what is only unwise is said, and passes", async () => {
  const { exitCode, stdout } = await validate(stackFile("Pulumi.two.yaml", twoControlPlaneNodes));
  expect(stdout).toMatch(/warning: nodes: 2 control plane nodes/);
  expect(stdout).toMatch(/warning: endpoint: nothing declared here answers at 10\.1\.0\.9/);
  expect(exitCode).toBe(0);
});

test("all that is wrong with all files is told, with their patches and apps", async () => {
  const broken = stackFile("Pulumi.broken.yaml", "config:\n  phoebe:clusterName: [\n");
  const strays = stackFile(
    "Pulumi.strays.yaml",
    twoControlPlaneNodes
      .replace("endpoint: https:", "endpoint: http:")
      .replace("stacks/lab/patches", "stacks/homelab/patches")
      .concat("  phoebe:apps: aps\n"),
  );
  const { exitCode, stderr } = await validate(broken, "Pulumi.phoebe.yaml", strays, join(folder, "Pulumi.none.yaml"));
  expect(stderr).toMatch(/Pulumi\.broken\.yaml:3:1: is not valid YAML/);
  expect(stderr).toMatch(/endpoint: "http:\/\/10\.1\.0\.9:6443": expected https/);
  expect(stderr).toMatch(/stacks\/homelab\/patches\/nodes\/.*: is no layer of this cluster/);
  expect(stderr).toMatch(/apps: "aps": there is no such folder/);
  expect(stderr).toMatch(/Pulumi\.none\.yaml": there is no such file/);
  expect(exitCode).toBe(1);
});
