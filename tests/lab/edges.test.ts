/** The order of the graph is needed: with an edge cut, what it held apart goes wrong. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Edge } from "./cut/edges.ts";
import { nameOf } from "./harness/events.ts";
import { type Lab, root } from "./harness/lab.ts";
import { endpointApps } from "./harness/moved.ts";
import { startLab } from "./harness/start.ts";

interface Cut {
  readonly edge: Edge;
  /** A type whose resources fail before they are made. */
  readonly heldBack?: string;
  /** Configuration with which what stands in front of the edge never comes to be. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** What the run with the whole edge stops with, in front of it. */
  readonly stopsWith?: RegExp;
  readonly environment?: Readonly<Record<string, string>>;
  /** The resource behind the edge, and how it fails without it. */
  readonly behind: RegExp;
  readonly breaks: RegExp;
}

const cuts: readonly Cut[] = [
  {
    edge: "apply to bootstrap",
    heldBack: "talos:machine/configurationApply:ConfigurationApply",
    stopsWith: /held back by the test/,
    environment: { NODE_TIMEOUT: "2" },
    behind: /bootstrap-command$/,
    breaks: /maintenance/,
  },
  {
    edge: "API to Cilium",
    set: { patches: "tests/lab/cut/patches" },
    environment: { NODE_TIMEOUT: "15" },
    stopsWith: /See talosctl -n \S+ service, and the logs of etcd and kube-apiserver/,
    behind: /namespaces-flux-system$/,
    breaks: /unreachable|connection refused/,
  },
  {
    edge: "CRDs to the release that uses them",
    heldBack: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
    stopsWith: /held back by the test/,
    behind: /release-flux-system-flux2-helm$/,
    breaks: /no matches for kind|ensure CRDs are installed first/,
  },
  { edge: "Cilium to endpoint", behind: /namespaces-flux-system$/, breaks: /unreachable|connection refused/ },
];

describe.each(cuts.map((cut, index) => ({ ...cut, index })))("without the edge $edge", (cut) => {
  const endpoint = `10.11${5 + cut.index}.0.8`;
  const start = (): Promise<Lab> =>
    startLab({
      name: `edge-${cut.index + 1}`,
      stack: "phoebe",
      set: {
        endpoint: `https://${endpoint}:6443`,
        apps: ["apps", endpointApps(`edge-${cut.index + 1}`, endpoint)],
        nodes: [{ hostname: "phoebe-k-ctrl-01", role: "controlplane", address: `10.10${5 + cut.index}.0.10`, installDisk: "/dev/nvme0n1" }],
        ...cut.set,
      },
    });
  const up = async (lab: Lab, environment: Readonly<Record<string, string>>) => {
    const run = lab.begin("up", {
      cwd: join(root, "tests/lab/cut"),
      env: { ...cut.environment, ...environment, ENDPOINT: `https://${endpoint.replace(/^10/, "127")}:6443` },
    });
    const result = await run.process;
    const tried = run.events.events.some(({ resourcePreEvent: step }) => step !== undefined && cut.behind.test(nameOf(step.metadata.urn)));
    return { result, tried };
  };

  test("what stands behind it is tried too early, and fails", async () => {
    const lab = await start();
    const held: Record<string, string> = cut.heldBack === undefined ? {} : { HOLD_BACK: cut.heldBack };
    if (cut.stopsWith !== undefined) {
      const whole = await up(lab, held);
      expect(whole.result.all).toMatch(cut.stopsWith);
      expect(whole.tried, "with the edge it is not even tried").toBe(false);
    }
    const broken = await up(lab, { ...held, CUT_EDGE: cut.edge });
    expect(broken.tried).toBe(true);
    expect(broken.result.exitCode).not.toBe(0);
    expect(broken.result.all).toMatch(cut.breaks);
  });
});
