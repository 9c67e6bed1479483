import { connect } from "node:net";
import { apiPort, talosPort } from "../cluster/ports.ts";
import type { Node } from "../cluster/schema.ts";

type Addressed = Pick<Node, "hostname" | "address">;

/** What a preview says about nodes that do not answer: nothing of them is known, which is no difference. Undefined where all do. */
export async function tellSilent(nodes: readonly Addressed[], patience = 1_000): Promise<string | undefined> {
  const answers = await Promise.all(nodes.map(({ address }) => isListening(address, talosPort, patience)));
  const silent = nodes.filter((_, index) => !answers[index]).map(({ hostname, address }) => `${hostname} (${address})`);
  if (silent.length === 0) return undefined;
  return `No answer from ${silent.join(", ")}: what runs there is unknown, and nothing in this preview is planned because of it.`;
}

/**
 * Where the stack speaks to Kubernetes: at the preferred API server, or where that takes no connections at the first of the others that does. Where none
 * does there is no cluster yet, or nobody gets to it from here: then the preferred one is as good as any. `patience` is in milliseconds.
 */
export async function answeringApi(preferred: string, others: readonly string[], patience = 1_000): Promise<string> {
  const asked = [preferred, ...others].map((address) => ({ address, answers: isListening(address, apiPort, patience) }));
  for (const { address, answers } of asked) if (await answers) return address;
  return preferred;
}

/** Those of the addresses whose API server takes connections. `patience` is in milliseconds. */
export async function listeningApis(addresses: readonly string[], patience = 1_000): Promise<string[]> {
  const answers = await Promise.all(addresses.map((address) => isListening(address, apiPort, patience)));
  return addresses.filter((_, index) => answers[index]);
}

/** Whether something takes connections there: Talos does in maintenance mode and after. `patience` is in milliseconds. */
function isListening(host: string, port: number, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => end(false));
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
