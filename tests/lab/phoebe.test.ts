/** The phoebe stack as its document declares it: one node, an endpoint that Cilium holds, its patches on the machine. */

import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { renderNodes } from "../../commands/render/render.ts";
import { readStackFile } from "../../sources/stack-file.ts";
import { readWritten } from "../../sources/written.ts";
import { nameOf } from "./harness/events.ts";
import { type Lab, root } from "./harness/lab.ts";
import { endpointApps } from "./harness/moved.ts";
import { processes } from "./harness/processes.ts";
import { startLab } from "./harness/start.ts";

const address = "127.103.0.10";
const endpoint = { host: "127.113.0.8", port: 6443 };

test("brings phoebe up, in the declared order, with every patch in force", async () => {
  const lab = await startLab({
    name: "phoebe",
    stack: "phoebe",
    set: {
      endpoint: "https://10.113.0.8:6443",
      apps: ["apps"],
      nodes: [{ hostname: "phoebe-k-ctrl-01", role: "controlplane", address: "10.103.0.10", installDisk: "/dev/nvme0n1" }],
    },
  });

  const run = lab.begin("up");
  const created = (name: RegExp) =>
    run.events.until(({ resOutputsEvent: done }) => done !== undefined && name.test(nameOf(done.metadata.urn)), run.process);
  const starting = (name: RegExp) =>
    run.events.until(({ resourcePreEvent: step }) => step !== undefined && name.test(nameOf(step.metadata.urn)), run.process);

  await created(/api-command$/);
  await starting(/release-kube-system-cilium-helm$/);
  expect(await accepts(endpoint), "the endpoint answers before Cilium runs").toBe(false);

  const result = await run.process;
  expect(result.exitCode, result.all).toBe(0);
  await lab.writeCredentials();
  await theEndpointNeedsItsService(lab);

  await theNodeWasNotReadyBeforeCiliumRan(lab);
  await everyPatchIsOnTheMachine(lab);
  await theKubeletRunsAsDeclared(lab);
  theApiServerRunsAsDeclared();
  await theOutputIsWhatRenderMakes(lab);
});

/** Cilium alone holds no address. The up that brings the Service waits until it was given its own, so that the kubeconfig works from then on. */
async function theEndpointNeedsItsService(lab: Lab): Promise<void> {
  expect(await accepts(endpoint), "the endpoint answers without a Service").toBe(false);
  await lab.declare({ apps: ["apps", endpointApps("phoebe", "10.113.0.8")] });
  expect(await lab.up(), "the Service, its pool, its policy, and the component of the three").toMatchObject({ create: 4 });
  const node = `--server=https://${address}:6443`;
  const given = "--output=jsonpath={.status.loadBalancer.ingress[*].ip}";
  expect(await lab.output("kubectl", node, "get", "service", "kube-apiserver", "--namespace=kube-system", given)).toBe("10.113.0.8");
  await expect.poll(() => accepts(endpoint), { timeout: 30_000 }).toBe(true);
  expect(lab.read("kubeconfig")).toContain(`server: https://${endpoint.host}:${endpoint.port}`);
  expect(await lab.output("kubectl", "get", "--raw", "/readyz")).toBe("ok");
}

/** By Kubernetes' own record, which a test that looks in time could only guess at. */
async function theNodeWasNotReadyBeforeCiliumRan(lab: Lab): Promise<void> {
  const node = JSON.parse(await lab.output("kubectl", "get", "node", "phoebe-k-ctrl-01", "-o", "json")) as Status<{
    conditions: Condition[];
  }>;
  const pods = JSON.parse(await lab.output("kubectl", "get", "pods", "-n", "kube-system", "-l", "k8s-app=cilium", "-o", "json")) as {
    items: Status<{ containerStatuses: { state: { running: { startedAt: string } } }[] }>[];
  };
  const [started] = pods.items.flatMap(({ status }) => status.containerStatuses.map(({ state }) => state.running.startedAt)).sort();
  const ready = node.status.conditions.find(({ type }) => type === "Ready");
  expect(ready?.status).toBe("True");
  expect(Date.parse(ready?.lastTransitionTime ?? "")).toBeGreaterThanOrEqual(Date.parse(started ?? ""));
}

interface Status<T> {
  readonly status: T;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

/** The machine's configuration, read back by talosctl, holds each value that a patch of the stack sets. */
async function everyPatchIsOnTheMachine(lab: Lab): Promise<void> {
  const resource = parse(await talosctl(lab, "get", "machineconfig", "v1alpha1", "-o", "yaml")) as { spec: string };
  const documents = parseAllDocuments(resource.spec).map((document) => document.toJS() as Record<string, unknown>);
  const machineConfig = documents.find((document) => document.kind === undefined);
  const files = ["global", "controller"].flatMap((layer) =>
    readdirSync(join(root, "patches", layer)).map((name) => join(root, "patches", layer, name)),
  );
  expect(files.filter((file) => file.endsWith(".yaml"))).toHaveLength(6);
  for (const file of files.filter((name) => name.endsWith(".yaml"))) {
    for (const patch of parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Record<string, unknown>)) {
      const target =
        patch.kind === undefined
          ? machineConfig
          : documents.find((document) => document.kind === patch.kind && document.name === patch.name);
      expect(target, file).toMatchObject(patch);
    }
  }
  expect(machineConfig).toMatchObject({ cluster: { controlPlane: { endpoint: `https://${endpoint.host}:${endpoint.port}` } } });
}

/** A pull request of a fork, which has no credentials, shows the same text as one of the owner's. */
async function theOutputIsWhatRenderMakes(lab: Lab): Promise<void> {
  const output = JSON.parse(await lab.output("pulumi", "stack", "output", "machineConfigurations", "--json")) as Record<string, string>;
  const rendered = await renderNodes(readWritten(root, readStackFile(lab.folder, "Pulumi.phoebe.yaml")));
  expect(output).toEqual(Object.fromEntries(rendered));
}

async function theKubeletRunsAsDeclared(lab: Lab): Promise<void> {
  const spec = await talosctl(lab, "get", "kubeletspec", "kubelet", "-o", "yaml");
  expect(parse(spec)).toMatchObject({
    spec: { config: { featureGates: { ResourceHealthStatus: true }, seccompDefault: true } },
  });
}

function theApiServerRunsAsDeclared(): void {
  const patch = parse(readFileSync(join(root, "patches/controller/cluster.yaml"), "utf8")) as {
    cluster: { apiServer: { extraArgs: Record<string, string> } };
  };
  const running = processes().find(
    ({ arguments: args }) => args[0]?.includes("kube-apiserver") && args.some((argument) => argument.includes(address)),
  );
  for (const [name, value] of Object.entries(patch.cluster.apiServer.extraArgs)) expect(running?.arguments).toContain(`--${name}=${value}`);
}

function talosctl(lab: Lab, ...args: string[]): Promise<string> {
  return lab.output("talosctl", ...args, "-n", address, "-e", address);
}

function accepts(target: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
