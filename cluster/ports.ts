import { isIPv6 } from "node:net";

/** Where Talos's API listens on every node, in maintenance mode too: it cannot be set. */
export const talosPort = 50000;

/** Where each control plane node's API server listens: Talos's default, and no patch may set another. */
export const apiPort = 6443;

/** The URL of one control plane node's own API server. */
export function apiServerAt(address: string): string {
  return `https://${isIPv6(address) ? `[${address}]` : address}:${apiPort}`;
}
