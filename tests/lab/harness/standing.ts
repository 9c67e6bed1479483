import type { Lab } from "./lab.ts";

interface Listed {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

/** What a reboot, another config, a Helm revision or a restart would change. */
export async function standing(lab: Lab) {
  const list = async (...args: string[]) =>
    (JSON.parse(await lab.output("kubectl", "get", ...args, "--all-namespaces", "--output=json")) as { items: Listed[] }).items;
  const [machines, releases, pods] = await Promise.all([lab.machines(), list("secrets", "--selector=owner=helm"), list("pods")]);
  return {
    boots: machines.map(({ name, bootID }) => `${name} ${bootID}`),
    configs: await Promise.all(machines.map(({ address }) => configOf(lab, address))),
    releases: releases.map(({ metadata: { name, uid, resourceVersion } }) => `${name} ${uid} ${resourceVersion}`),
    pods: pods
      .map(({ metadata, status }) => `${metadata.name} ${metadata.uid} ${status?.containerStatuses?.map((each) => each.restartCount)}`)
      .sort(),
  };
}

function configOf(lab: Lab, address: string): Promise<string> {
  return lab.output(
    "talosctl",
    "get",
    "machineconfig",
    "v1alpha1",
    "--output=jsonpath={.spec}",
    "--nodes",
    address,
    "--endpoints",
    address,
  );
}
