import { afterwards, type Beginning, beginningOf, beginningOptions, refuseExisting, refuseUnsaid } from "./lib/etcd/beginning.ts";
import { decide } from "./lib/etcd/cluster-state.ts";
import { snapshotTimeout } from "./lib/etcd/snapshot.ts";
import { etcdStates } from "./lib/etcd/state.ts";
import { kubernetesAt } from "./lib/kubernetes/api.ts";
import { foreignNodes } from "./lib/node/foreign.ts";
import { nameOf } from "./lib/node/machine.ts";
import { bootId } from "./lib/node/running.ts";
import { serviceOf } from "./lib/node/service.ts";
import type { Environment, Variable } from "./lib/script/environment.ts";
import { exits, Failure } from "./lib/script/failure.ts";
import { clusterVariables, Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";
import { type Look, lookAt } from "./lib/script/wait.ts";

const variables = [...clusterVariables, "CONTROL_PLANE", "NODE_HOSTNAME", "NODE_ADDRESS", "BACKUP_DIR"] as const satisfies Variable[];

await script({
  name: "bootstrap",
  summary:
    "Starts etcd on one control plane node, empty or with what a snapshot holds, when every declared one agrees that there is no cluster.",
  variables,
  options: beginningOptions,
  run: async (env, signal, options) => bootstrap(env, signal, await beginningOf(options), false),
  update: (env, signal) => bootstrap(env, signal, { said: false }, true),
});

async function bootstrap(
  env: Environment<(typeof variables)[number]>,
  signal: AbortSignal,
  beginning: Beginning,
  again: boolean,
): Promise<string> {
  const own = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS };
  if (!env.CONTROL_PLANE.some(({ address }) => address === own.address)) {
    throw new Failure(`CONTROL_PLANE does not hold the bootstrap node ${nameOf(own)}.`, exits.badInput);
  }
  const { said, snapshot } = beginning;
  const operation = new Operation(env, signal);
  await operation.begin();
  // Asked once in a boot: asked again, Talos would start etcd anew while it is still on its way.
  let asked: string | undefined;

  /** Until the cluster is started here, or is known to be there, and why. */
  const look = async (): Promise<Look<string | undefined>> => {
    if (asked) {
      const etcd = await serviceOf(operation, own.address, "etcd");
      if ("problem" in etcd) return { pending: etcd.problem };
      if (!etcd.value.ailment) return { done: undefined };
      // In its preparation it has not begun yet, or has booted since and knows nothing of it: then all of them have their say again.
      if (etcd.value.state !== "Preparing") return { pending: etcd.value.ailment };
    }
    const verdict = decide(await etcdStates(operation, env.CONTROL_PLANE), own.address);
    switch (verdict.verdict) {
      case "exists": {
        if (asked) return { pending: verdict.why };
        if (said) refuseExisting(env.CLUSTER_NAME, verdict.why);
        return { done: verdict.why };
      }
      case "foreign":
        throw foreignNodes(`Cluster ${env.CLUSTER_NAME} is not started`, verdict.nodes);
      case "wait":
        return { pending: verdict.why };
      case "bootstrap": {
        if (!said) refuseUnsaid({ cluster: env.CLUSTER_NAME, hostname: own.hostname, backupDir: env.BACKUP_DIR, again });
        if (!snapshot) refuseEven(env.CONTROL_PLANE.length);
        const boot = await bootId(operation, own.address);
        if ("problem" in boot) return { pending: boot.problem };
        if (asked === boot.value) return { pending: "etcd is being started" };
        operation.fence();
        operation.say(`starting etcd on ${nameOf(own)}${snapshot ? ` with what ${snapshot} holds` : ""}`);
        const words = snapshot ? ["bootstrap", "--recover-from", snapshot] : ["bootstrap"];
        const started = await operation.talosctl.node(own.address, words, { changes: true, timeout: snapshotTimeout });
        if (started.ok) asked = boot.value;
        // Whatever it said, AlreadyExists too: the nodes are asked again.
        return { pending: started.ok ? "etcd is being started" : started.problem };
      }
    }
  };
  const existing = await operation.wait(
    `the control plane nodes of ${env.CLUSTER_NAME}`,
    look,
    "A cluster is only started when every declared control plane node answers; repair those nodes, or take them out of the stack file.",
  );
  if (existing) return `Cluster ${env.CLUSTER_NAME} exists (${existing}).`;
  // What comes next by hand asks Kubernetes at once.
  if (said) await operation.wait(`the API server of ${nameOf(own)}`, async () => lookAt(await kubernetesAt(operation, own.address)));
  return `Cluster ${env.CLUSTER_NAME} was started on ${nameOf(own)}.${env.ENGINE ? "" : ` Now ${afterwards}.`}`;
}

/**
 * An even number of members has more to lose and survives no more losses. A cluster that exists may pass through one, also while it is recovered; a new
 * one is not started so.
 */
function refuseEven(members: number): void {
  if (members % 2 === 1) return;
  throw new Failure(
    `A new cluster is not started with ${members} control plane nodes: an even number survives no more losses than ${members - 1} do. ` +
      "Declare one more, or one less, in the stack file.",
  );
}
