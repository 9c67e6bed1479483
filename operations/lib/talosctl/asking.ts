import type { Authority } from "../../../cluster/secrets/authority.ts";
import type { Talosctl } from "./talosctl.ts";

/** What it takes to ask a cluster's machines: enough for every look, and for no change. An Operation is one. */
export interface Asking {
  readonly env: { readonly CLUSTER_NAME: string; readonly TALOS_CA: Pick<Authority, "certificate"> };
  readonly talosctl: Pick<Talosctl, "node" | "maintenance" | "client">;
  readonly signal: AbortSignal;
}
