import { decide } from "./lib/cluster-state.ts";
import { etcdAilment, etcdState } from "./lib/etcd-state.ts";
import { exits, Failure } from "./lib/failure.ts";
import { nameOf } from "./lib/machine.ts";
import { clusterVariables, Operation } from "./lib/operation.ts";
import { script } from "./lib/script.ts";
import type { Look } from "./lib/wait.ts";

await script({
  name: "bootstrap",
  summary: "Starts etcd on the bootstrap node, when every declared control plane node agrees that there is no cluster yet.",
  variables: [...clusterVariables, "CONTROL_PLANE", "NODE_HOSTNAME", "NODE_ADDRESS"],
  run: async (env, signal) => {
    const own = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS };
    if (!env.CONTROL_PLANE.some(({ address }) => address === own.address)) {
      throw new Failure(`CONTROL_PLANE does not hold the bootstrap node ${nameOf(own)}.`, exits.badInput);
    }
    const operation = new Operation(env, signal);
    await operation.begin();
    // Asked once in a boot: asked again, Talos would start etcd anew while it is still on its way.
    let asked: string | undefined;

    const look = async (): Promise<Look<string>> => {
      const nodes = await Promise.all(env.CONTROL_PLANE.map(async (node) => ({ node, answer: await etcdState(operation, node) })));
      const verdict = decide(nodes, own.address);
      switch (verdict.verdict) {
        case "exists": {
          if (!asked) return { done: `Cluster ${env.CLUSTER_NAME} exists (${verdict.why}).` };
          const ailment = await etcdAilment(operation, own.address);
          if ("problem" in ailment) return { pending: ailment.problem };
          return ailment.value ? { pending: ailment.value } : { done: `Cluster ${env.CLUSTER_NAME} was started on ${nameOf(own)}.` };
        }
        case "foreign":
          throw new Failure(
            `Cluster ${env.CLUSTER_NAME} is not started, because a declared control plane node is somebody else's: ${verdict.why}. ` +
              "Correct its address, or reset it where it belongs (talosctl reset).",
          );
        case "wait":
          return { pending: verdict.why };
        case "bootstrap": {
          refuseEven(env.CONTROL_PLANE.length);
          const boot = await operation.talosctl.node(own.address, ["read", "/proc/sys/kernel/random/boot_id"]);
          if (!boot.ok) return { pending: boot.problem };
          if (asked === boot.stdout) return { pending: "etcd is being started" };
          operation.fence();
          operation.say(`starting etcd on ${nameOf(own)}`);
          const started = await operation.talosctl.node(own.address, ["bootstrap"], { changes: true });
          if (started.ok) asked = boot.stdout;
          // Whatever it said, AlreadyExists too: the nodes are asked again.
          return { pending: started.ok ? "etcd is being started" : started.problem };
        }
      }
    };
    return operation.wait(
      `the control plane nodes of ${env.CLUSTER_NAME}`,
      look,
      "A cluster is only started when every declared control plane node answers; repair those nodes, or take them out of the stack file.",
    );
  },
});

/** An even number of members has more to lose and survives no more losses. A cluster that exists may pass through one; a new one is not started so. */
function refuseEven(members: number): void {
  if (members % 2 === 1) return;
  throw new Failure(
    `A new cluster is not started with ${members} control plane nodes: an even number survives no more losses than ${members - 1} do. ` +
      "Declare one more, or one less, in the stack file.",
  );
}
