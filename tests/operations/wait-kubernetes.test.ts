import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiServer, nodeObject, podList } from "./support/api-server.ts";
import { readLines } from "./support/lines.ts";
import { prints, World } from "./support/world.ts";

const [c1, off, w1] = ["127.207.5.1", "127.207.5.2", "127.207.5.11"] as const;
let world: World;
let api: ApiServer;
beforeAll(async () => {
  world = await World.start([c1, w1]);
  world.set({ [c1]: "ours", [w1]: "ours" });
  api = await ApiServer.make(c1);
  // What the worker knows is asked of itself: not all of it answers, as when a control plane node is away for long.
  const worker = { "get endpoints": prints.endpoints({ "kube-apiserver": [off, c1] }), "get nodename": prints.spec({ nodename: "w1" }) };
  const plane = {
    kubeconfig: await api.kubeconfig(),
    "get nodename": prints.spec({ nodename: "c1" }),
    "etcd status": prints.etcdStatus(0, 1),
  };
  // A member that has just joined is a learner until it has what the others have.
  const listed = (learner: boolean) => prints.members({ hostname: "c1", address: c1, learner }, { hostname: "c2", address: off });
  const nodes = (learner: boolean) => ({ [c1]: { ...plane, "etcd members": listed(learner) }, [w1]: worker });
  world.talosctl({ until: "etcd members", nodes: nodes(true) }, { nodes: nodes(false) });
});
afterAll(async () => {
  await api.stop();
  await world.stop();
});

const waitApi = (timeout: string) => world.run("wait-api", { NODE_HOSTNAME: "c1", NODE_ADDRESS: c1, NODE_TIMEOUT: timeout });

test("an API server is waited for at the node's own address, with the client certificate that Talos gives", async () => {
  const { exitCode, stderr } = await waitApi("0.1");
  expect(stderr).toMatch(/waiting for the API server of c1 \(127.207.5.1\): .*ECONNREFUSED 127.207.5.1:6443/);
  expect(exitCode).toBe(1);
  await api.start();
  api.resources.set("/readyz", 500);
  const wait = waitApi("60");
  await readLines(wait.stderr).until("its /readyz says no");
  api.resources.set("/readyz", {});
  expect(await wait).toMatchObject({ exitCode: 0, stdout: "The API server of c1 (127.207.5.1) is ready." });
});

test("what is declared says for how long, and a person for one run", async () => {
  const wait = (variables: Record<string, string>) =>
    world.run("wait-api", { NODE_HOSTNAME: "c9", NODE_ADDRESS: "127.207.5.9", ...variables });
  // With the default, or the longer of both, it would wait for longer than a test may take.
  const waited = { exitCode: 1, stderr: expect.stringMatching(/Waited \d+ s for the API server of c9/) };
  expect(await wait({ DECLARED_NODE_TIMEOUT: "0.1" })).toMatchObject(waited);
  expect(await wait({ DECLARED_NODE_TIMEOUT: "600", NODE_TIMEOUT: "0.1" })).toMatchObject(waited);
});

const waitNode = () => world.run("wait-node-ready", { NODE_HOSTNAME: "w1", NODE_ADDRESS: w1, NODE_ROLE: "worker", API_ADDRESS: off });

test("a node is ready when its own network pod is, and it says so itself", async () => {
  api.resources.set("/api/v1/pods", podList());
  const wait = waitNode();
  const { until } = readLines(wait.stderr);
  await until("w1 (127.207.5.11) to be Ready: no pod of a network plugin is there yet");
  api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "True"));
  api.resources.set("/api/v1/pods", podList("False")); // what a wait for the DaemonSet lets pass
  await until("cilium-0 not ready");
  api.resources.delete("/api/v1/nodes/w1");
  api.resources.set("/api/v1/pods", podList("True"));
  await until("404");
  api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
  await until("Ready is False (container runtime network not ready)");
  api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "True"));
  expect(await wait).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.5.11) is Ready, and so is its network." });
  expect(api.requests).toContain("GET /api/v1/pods?fieldSelector=spec.nodeName%3Dw1");
});

test("a control plane node is ready when its etcd member has a vote as well", async () => {
  api.resources.set("/api/v1/nodes/c1", nodeObject("c1", "True"));
  api.resources.set("/api/v1/pods", podList("True"));
  const variables = { NODE_HOSTNAME: "c1", NODE_ADDRESS: c1, NODE_ROLE: "controlplane", API_ADDRESS: c1 };
  const { exitCode, stdout, stderr } = await world.run("wait-node-ready", variables);
  expect(stderr).toContain("waiting for c1 (127.207.5.1) to be Ready: its etcd member is a learner still");
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "c1 (127.207.5.1) is Ready, and so are its network and its etcd member." });
});

test("a ready node is opened where a script had cordoned it, and stays cordoned where a person had", async () => {
  const put = (annotations: object) => {
    const node = nodeObject("w1", "True");
    api.resources.set("/api/v1/nodes/w1", { ...node, metadata: { ...node.metadata, annotations }, spec: { unschedulable: true } });
  };
  put({ "phoebe.dev/cordoned-by": "upgrade-talos" });
  expect(await waitNode()).toMatchObject({ exitCode: 0 });
  expect(api.resources.get("/api/v1/nodes/w1")).not.toMatchObject({ spec: { unschedulable: true } });
  put({});
  expect(await waitNode()).toMatchObject({ exitCode: 0 });
  expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ spec: { unschedulable: true } });
});
