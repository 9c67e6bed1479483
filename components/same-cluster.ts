import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Node } from "../cluster/schema.ts";
import { storedEnvironment } from "./stored-environment.ts";

/**
 * A bundle with another Talos CA than the last up's, and than the node's own, is another cluster's: what is stored stays as it is, and nothing
 * that comes behind is applied. One that the node's certificate is from is right: its CA was rotated. `ca` is the PEM in base64.
 */
export function refuseAnotherCluster({ hostname, address }: Pick<Node, "hostname" | "address">, ca: string) {
  return async ({ oldInputs }: Pick<pulumi.ResourceHookArgs, "oldInputs">): Promise<void> => {
    const { TALOS_CA } = await storedEnvironment(oldInputs);
    const { cert } = JSON.parse(TALOS_CA ?? "{}") as { cert?: string };
    if (!cert || cert === ca) return;
    const { handshake } = await import("../operations/lib/node/handshake.ts");
    const shown = await handshake(address);
    if (shown.answer === "welcome") return; // It waits for a configuration, and will have this CA.
    const node = `${hostname} (${address})`;
    const theirs = "The secrets bundle has another Talos CA than the one that this stack was last brought up with";
    if (shown.answer === "none" || !shown.certificate) {
      const why = shown.answer === "none" ? shown.reason : "it showed no certificate";
      throw new Error(`${theirs}, and ${node} does not say which of the two is its own: ${why}. Nothing was changed.`);
    }
    if (shown.certificate.verify(new X509Certificate(Buffer.from(ca, "base64")).publicKey)) return;
    throw new Error(
      `${theirs}, and ${node} is not of that CA: it is another cluster's bundle. Nothing was changed. ` +
        `Put this cluster's own bundle where the template of its secrets refers to; npm run secrets -- check ${pulumi.getStack()} says what is there. How one is had that was generated: docs/runbook.md.`,
    );
  };
}
