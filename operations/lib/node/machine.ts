import type { X509Certificate } from "node:crypto";
import { sameHostname } from "../../../cluster/hostname.ts";
import type { Node } from "../script/environment.ts";
import { reasonOf } from "../script/failure.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readSpec } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import { handshake } from "./handshake.ts";

/** Whose a machine is. */
export type Machine =
  /** Nobody's: it waits for a configuration. */
  | { readonly is: "maintenance" }
  /** This cluster's: its certificate is from our CA, and it lets our client in. `called` is the common name in it, which Talos makes of its hostname. */
  | { readonly is: "ours"; readonly called?: string }
  /** Configured by somebody else. */
  | { readonly is: "foreign"; readonly why: string }
  /** It cannot be told. */
  | { readonly is: "unknown"; readonly why: string };

/** Finds out whose the machine at the node's address is. What is not plain to see is unknown. */
export async function identify({ env, talosctl, signal }: Asking, { address }: Pick<Node, "address">): Promise<Machine> {
  const stranger = await handshake(address, { signal });
  if (stranger.answer === "none") return { is: "unknown", why: stranger.reason };
  if (stranger.answer === "welcome") return inMaintenance(talosctl, address);

  // It wants a client certificate, so it is configured. By us? The dates don't matter: its clock may not be set yet.
  if (stranger.certificate && !stranger.certificate.verify(env.TALOS_CA.certificate.publicKey)) {
    return { is: "foreign", why: `its certificate is from another CA than ${env.CLUSTER_NAME}'s` };
  }
  const { cert, key } = await talosctl.client();
  const client = await handshake(address, { cert, key, signal });
  if (client.answer === "none") return { is: "unknown", why: client.reason };
  if (!client.certificate?.verify(env.TALOS_CA.certificate.publicKey)) {
    return { is: "unknown", why: "it showed no certificate" };
  }
  if (client.answer === "welcome") return { is: "ours", called: commonName(client.certificate) };
  if (client.alert.includes("EXPIRED")) {
    return { is: "unknown", why: "it holds our new client certificate for expired: compare its clock with this machine's" };
  }
  return { is: "foreign", why: `its certificate is from ${env.CLUSTER_NAME}'s CA, but it refuses a client of that CA (${client.alert})` };
}

/** An API open to anybody is still served for a moment after a configuration came in, while the machine goes on to install. */
async function inMaintenance(talosctl: Asking["talosctl"], address: string): Promise<Machine> {
  const answer = await talosctl.maintenance(address, ["get", "machinestatus", "machine", "-o", "json"]);
  if (!answer.ok) return { is: "unknown", why: answer.problem };
  try {
    const { stage } = readSpec(answer.stdout) as { stage?: string };
    return stage === "maintenance" ? { is: "maintenance" } : { is: "unknown", why: `no longer in maintenance mode, but ${stage}` };
  } catch (error) {
    return { is: "unknown", why: reasonOf(error) };
  }
}

/** Who is at the address of a declared node: a machine of ours may be another node than the one that is looked for. */
export type Occupant = Machine | { readonly is: "another"; readonly called: string };

/** Finds out whether it is the node itself that is at its address. Its certificate says so without a further question; what else stands there may be of before. */
export async function occupantOf(asking: Asking, node: Node): Promise<Occupant> {
  const machine = await identify(asking, node);
  if (machine.is !== "ours") return machine;
  if (machine.called && isCalled([machine.called, withoutDomain(machine.called)], node.hostname)) return machine;
  const found = await hostnameOf(asking, node.address);
  if ("problem" in found) return { is: "unknown", why: found.problem };
  return isCalled(found.value, node.hostname) ? machine : { is: "another", called: found.value[0] };
}

/** The names that a node of ours goes by: its hostname, and that with its domain. */
export function hostnameOf(asking: Asking, address: string): Promise<Reply<[string, ...string[]]>> {
  return ask(asking, address, ["get", "hostname", "hostname", "-o", "json"], (stdout) => {
    const { hostname, domainname } = readSpec(stdout) as { hostname?: string; domainname?: string };
    if (!hostname) throw new Error("it has no hostname yet");
    return domainname ? [hostname, `${hostname}.${domainname}`] : [hostname];
  });
}

function commonName({ subject }: X509Certificate): string | undefined {
  return /^CN=(.+)$/m.exec(subject)?.[1];
}

/** The hostname in a fully qualified name. */
export function withoutDomain(name: string): string {
  return name.split(".", 1)[0] ?? name;
}

/** Whether a node's own names include the declared hostname. */
export function isCalled(names: readonly string[], hostname: string): boolean {
  return names.some((name) => sameHostname(name, hostname));
}

/** "phoebe-k-ctrl-01 (10.60.0.10)" */
export function nameOf({ hostname, address }: Node): string {
  return `${hostname} (${address})`;
}
