import { connect } from "node:net";
import type { Node } from "../cluster/schema.ts";

type Addressed = Pick<Node, "hostname" | "address">;

const talosPort = 50000;

/** What a preview says about nodes that do not answer: nothing of them is known, which is no difference. Undefined where all do. */
export async function tellSilent(nodes: readonly Addressed[], patience = 1_000): Promise<string | undefined> {
  const answers = await Promise.all(nodes.map(({ address }) => isListening(address, patience)));
  const silent = nodes.filter((_, index) => !answers[index]).map(({ hostname, address }) => `${hostname} (${address})`);
  if (silent.length === 0) return undefined;
  return `No answer from ${silent.join(", ")}: what runs there is unknown, and nothing in this preview is planned because of it.`;
}

/** Whether a Talos API takes connections there, in maintenance mode or after. `patience` is in milliseconds. */
function isListening(address: string, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: talosPort });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => end(false));
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
