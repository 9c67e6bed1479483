/** Nodes of a test's own, as a stack file declares them: `<name>-ctrl-01` at <network>.11 and so on, `<name>-work-01` at <network>.21. */
export function nodes(name: string, network: string, controlPlanes: number, workers = 0): object[] {
  const role = (role: string, short: string, count: number, first: number) =>
    Array.from({ length: count }, (_, n) => ({
      hostname: `${name}-${short}-0${n + 1}`,
      role,
      address: `${network}.${first + n}`,
      installDisk: "/dev/sda",
    }));
  return [...role("controlplane", "ctrl", controlPlanes, 11), ...role("worker", "work", workers, 21)];
}
