/** Control plane nodes to declare, `count` of them. */
export function controlPlane(count: number) {
  return Array.from({ length: count }, (_, n) => node(`bench-ctrl-${n + 1}`, "controlplane", `10.140.0.${n + 1}`));
}

/** Workers to declare, `count` of them. */
export function workers(count: number) {
  return Array.from({ length: count }, (_, n) => node(`bench-work-${n + 1}`, "worker", `10.140.1.${n + 1}`));
}

function node(hostname: string, role: "controlplane" | "worker", address: string) {
  return { hostname, role, address, installDisk: "/dev/sda" };
}
