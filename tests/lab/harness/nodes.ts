/** A node as a stack file declares it. */
export interface LabNode {
  readonly hostname: string;
  readonly role: "controlplane" | "worker";
  readonly address: string;
  readonly installDisk: string;
}

/** Nodes of a test's own: `<name>-ctrl-01` at <network>.11 and so on, `<name>-work-01` at <network>.21. */
export function nodes(name: string, network: string, controlPlanes: number, workers = 0): LabNode[] {
  const count = (most: number) => Array.from({ length: most }, (_, n) => n + 1);
  return [
    ...count(controlPlanes).map((n) => node(name, network, "controlplane", n)),
    ...count(workers).map((n) => node(name, network, "worker", n)),
  ];
}

/** One of them, counted from 1 in its role. */
export function node(name: string, network: string, role: LabNode["role"], n: number): LabNode {
  const [short, first] = role === "controlplane" ? ["ctrl", 10] : ["work", 20];
  return { hostname: `${name}-${short}-0${n}`, role, address: `${network}.${first + n}`, installDisk: "/dev/sda" };
}
