import type { Node } from "./schema.ts";

/** A node by what a machine is known by. */
export type NodeIdentity = Pick<Node, "hostname" | "address">;

/**
 * What is wrong with giving an address that a node had another hostname. The machine would keep its old name, and be reset for the node that is gone.
 */
export function anotherHostname(before: readonly NodeIdentity[], now: readonly NodeIdentity[]): string[] {
  const declared = new Map(now.map(({ address, hostname }) => [address, hostname]));
  return before.flatMap(({ address, hostname }) => {
    const other = declared.get(address);
    if (other === undefined || other === hostname) return [];
    return [
      `${address} is declared as ${other}, and was ${hostname}: a node is not renamed. ` +
        `Take it out of the stack file: npm run up removes ${hostname}; then add the machine as ${other}.`,
    ];
  });
}
