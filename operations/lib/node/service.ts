import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readService } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";

/** A node's etcd or kubelet as Talos there has its service. `ailment` says why it is not well; there is none where it runs and passes its health check. */
export interface Service {
  readonly state: string;
  readonly ailment?: string;
}

/** Asks a node for one of its services. */
export function serviceOf(asking: Asking, address: string, name: "etcd" | "kubelet"): Promise<Reply<Service>> {
  return ask(asking, address, ["service", name], (stdout) => {
    const { state, health } = readService(stdout);
    const isWell = state === "Running" && health === "OK";
    return isWell ? { state } : { state, ailment: `its ${name} is ${state}, health ${health}` };
  });
}

/** Why a service of a node is not well, or undefined where it is. */
export async function serviceAilment(asking: Asking, address: string, name: "etcd" | "kubelet"): Promise<Reply<string | undefined>> {
  const service = await serviceOf(asking, address, name);
  return "problem" in service ? service : { value: service.value.ailment };
}
