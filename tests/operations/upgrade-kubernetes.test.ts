import { beforeEach, expect, test } from "vitest";
import { nodeObject, podList } from "./support/api-server.ts";
import { useCluster } from "./support/cluster.ts";
import { planeOf, podsOfPlane } from "./support/static-pods.ts";
import { type Answer, answers, prints } from "./support/world.ts";

const [c1, c2, c3] = ["127.207.12.1", "127.207.12.2", "127.207.12.3"] as const;
const { world, api, kubeconfig } = await useCluster(c1, c2, c3);

const registry = "mirror.example.org/k8s";
const table = (heading: string, ...rows: string[]): Answer => ({ stdout: `${[heading, ...rows].join("\n")}\n` });
const etcd = {
  "etcd members": table(
    "NODE           ID                 HOSTNAME   PEER URLS                   CLIENT URLS                 LEARNER",
    ...[c1, c2].map(
      (address, i) =>
        `127.207.12.1   ${i + 1}fe7a6bd1e0ab4b1   c${i + 1}         https://${address}:2380   https://${address}:2379   false`,
    ),
  ),
  "etcd alarm": { stdout: "" },
};
const status = (id: number): Answer =>
  table(
    "NODE           MEMBER             DB SIZE   IN USE            LEADER             RAFT INDEX   RAFT TERM   RAFT APPLIED INDEX   LEARNER   PROTOCOL   STORAGE   ERRORS",
    `127.207.12.${id}   ${id}fe7a6bd1e0ab4b1   1.2 MB    500 kB (41.00%)   1fe7a6bd1e0ab4b1   100          2           100                  false     3.6.0      3.6.0     `,
  );

/** A member's answers, with the versions that its programs have. */
const member = (id: number, version: string, more: Record<string, Answer> = {}): Record<string, Answer> => ({
  ...answers.member,
  ...etcd,
  "etcd status": status(id),
  ...planeOf(`${registry}:${version}`),
  "get nodename": prints.spec({ nodename: `c${id}` }),
  "get nodestatus": { stdout: "" },
  "get machineconfig": {
    stdout: JSON.stringify({ metadata: { id: "v1alpha1" }, spec: `cluster: {proxy: {image: "${registry}/kube-proxy:${version}"}}` }),
  },
  version: { stdout: `Client:\n\tTag:         v1.13.3\nServer:\n\tNODE:        c\n\tTag:         v1.13.3\n` },
  kubeconfig,
  ...more,
});
beforeEach(() => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "maintenance" });
  api.resources.clear();
  api.resources.set("/readyz", "ok");
  api.resources.set("/api/v1/nodes", { kind: "NodeList", apiVersion: "v1", items: [nodeObject("c1", "True")] });
  api.resources.set("/api/v1/nodes/c1", nodeObject("c1", "True"));
  api.resources.set("/api/v1/pods", podList("True"));
  api.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c1", "c2"]));
});

const upgrade = (version: string, variables: Record<string, string> = {}) =>
  world.run("upgrade-kubernetes", {
    CONTROL_PLANE: JSON.stringify([c1, c2, c3].map((address, i) => ({ hostname: `c${i + 1}`, address }))),
    KUBERNETES_VERSION: version,
    ...variables,
  });
const upgrades = () =>
  world.calls.filter(({ words }) => words.startsWith("upgrade-k8s")).map(({ address, words }) => `${address} ${words}`);
const maintenance = { [c3]: answers.maintenance };

test("a new cluster has nothing to upgrade", async () => {
  world.set({ [c1]: "maintenance", [c2]: "ours", [c3]: "maintenance" });
  world.talosctl({ nodes: { [c1]: answers.maintenance, [c2]: answers.waiting, ...maintenance } });
  expect(await upgrade("v1.36.3")).toMatchObject({ exitCode: 0, stdout: "Cluster phoebe is new: it starts with Kubernetes v1.36.3." });
});

test("one that runs the version already asks no Kubernetes API", async () => {
  world.talosctl({ nodes: { [c1]: member(1, "v1.36.3"), [c2]: member(2, "v1.36.3"), ...maintenance } });
  api.requests.length = 0;
  expect(await upgrade("v1.36.3")).toMatchObject({ exitCode: 0, stdout: "The control plane of phoebe runs Kubernetes v1.36.3." });
  expect(api.requests).toEqual([]);
});

test("an unreachable node of a cluster that exists is waited for, then fails", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  world.talosctl({ nodes: { [c1]: member(1, "v1.35.4"), [c2]: member(2, "v1.35.4") } });
  const { exitCode, stderr } = await upgrade("v1.36.3", { NODE_TIMEOUT: "0.2" });
  expect(stderr).toContain("for the control plane nodes of phoebe: c3 (127.207.12.3)");
  expect(exitCode).toBe(1);
  expect(upgrades()).toEqual([]);
});

test("talosctl does it through a member, its steps are told, and the end is proved", async () => {
  const steps =
    'updating "kube-apiserver" to version "1.36.3"\n > "127.207.12.1": starting update\n--- a\n+  token: s3cr3t\n token: s3cr3t\n < configured Secret bootstrap-token-abc123\n';
  const old = { [c1]: member(1, "v1.35.4", { "upgrade-k8s": { stdout: steps } }), [c2]: member(2, "v1.35.4"), ...maintenance };
  world.talosctl(
    { until: "upgrade-k8s", nodes: old },
    { nodes: { [c1]: member(1, "v1.36.3"), [c2]: member(2, "v1.36.3"), ...maintenance } },
  );
  const { exitCode, stdout, stderr } = await upgrade("v1.36.3");
  expect(stdout).toBe("The control plane of phoebe was upgraded to Kubernetes v1.36.3: c1 (127.207.12.1), c2 (127.207.12.2).");
  expect(exitCode).toBe(0);
  expect(upgrades()).toEqual([
    `${c1} upgrade-k8s --from=v1.35.4 --to=v1.36.3 --endpoint=https://${c1}:6443 --upgrade-kubelet=false --with-docs=false --with-examples=false ` +
      `--apiserver-image=${registry}/kube-apiserver --controller-manager-image=${registry}/kube-controller-manager ` +
      `--scheduler-image=${registry}/kube-scheduler --proxy-image=${registry}/kube-proxy`,
  ]);
  expect(stderr).toContain('phoebe: > "127.207.12.1": starting update');
  expect(stderr).not.toMatch(/s3cr3t|abc123/);
  expect(api.resources.get("/api/v1/nodes/c1")).toMatchObject({ metadata: { annotations: {} } });
});

test("an upgrade that was killed is found unfinished where all images are new", async () => {
  const marked = { "get nodestatus": prints.spec({ annotations: { "phoebe.dev/upgrading-kubernetes": "v1.36.3" } }), "upgrade-k8s": {} };
  world.talosctl({ nodes: { [c1]: member(1, "v1.36.3", marked), [c2]: member(2, "v1.36.3"), ...maintenance } });
  expect(await upgrade("v1.36.3")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("was upgraded to Kubernetes v1.36.3") });
  expect(upgrades()).toHaveLength(1);
});

test("one that fails keeps its mark and says that it carries on", async () => {
  const failing = { "upgrade-k8s": { code: 1, stderr: "failed pre-pulling images: no such image" } };
  world.talosctl({ nodes: { [c1]: member(1, "v1.35.4", failing), [c2]: member(2, "v1.35.4"), ...maintenance } });
  const { exitCode, stderr } = await upgrade("v1.36.3");
  expect(stderr).toContain("was not brought to v1.36.3 everywhere: failed pre-pulling images: no such image. What was changed stays");
  expect(exitCode).toBe(1);
  expect(api.resources.get("/api/v1/nodes/c1")).toMatchObject({
    metadata: { annotations: { "phoebe.dev/upgrading-kubernetes": "v1.36.3" } },
  });
});

test("pods that run by an older config are no proof", async () => {
  const old = { [c1]: member(1, "v1.35.4", { "upgrade-k8s": {} }), [c2]: member(2, "v1.35.4"), ...maintenance };
  world.talosctl(
    { until: "upgrade-k8s", nodes: old },
    { nodes: { [c1]: member(1, "v1.36.3"), [c2]: member(2, "v1.36.3"), ...maintenance } },
  );
  api.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c1", "c2"], { config: "1" }));
  const { exitCode, stderr } = await upgrade("v1.36.3", { NODE_TIMEOUT: "1" });
  expect(stderr).toContain("c1 (127.207.12.1): kube-apiserver runs by an older config still");
  expect(exitCode).toBe(1);
});

test("what speaks against it is named before anything changes", async () => {
  world.talosctl({ nodes: { [c1]: member(1, "v1.34.1"), [c2]: member(2, "v1.34.1"), ...maintenance } });
  api.resources.set("/api/v1/pods", podList());
  const { exitCode, stderr } = await upgrade("v1.36.3");
  expect(stderr).toContain("first v1.35.x, then v1.36.3");
  expect(stderr).toContain(
    "No node runs a network plugin yet, and without one no upgrade of Kubernetes passes: install it with kubernetesVersion v1.34.1",
  );
  expect(exitCode).toBe(1);
  expect(upgrades()).toEqual([]);
});
