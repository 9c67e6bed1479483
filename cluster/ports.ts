/** Where Talos's API listens on every node, in maintenance mode too: it cannot be set. */
export const talosPort = 50000;

/** Where each control plane node's API server listens: Talos's default, and no patch may set another. */
export const apiPort = 6443;

/** The URL of one control plane node's own API server. An IPv6 address, which has colons, stands in brackets there. */
export function apiServerAt(address: string): string {
  return `https://${address.includes(":") ? `[${address}]` : address}:${apiPort}`;
}
