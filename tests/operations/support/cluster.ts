import { afterAll } from "vitest";
import { ApiServer } from "./api-server.ts";
import { type Answer, World } from "./world.ts";

/** What stands in for a cluster: its machines, and the Kubernetes API of the first one with talosctl's way to it. */
export interface StandIn {
  readonly world: World;
  readonly api: ApiServer;
  readonly kubeconfig: Answer;
  readonly stop: () => Promise<void>;
}

/** Starts a stand-in at addresses that no other file of tests has: files run side by side. */
export async function startCluster(first: string, ...others: string[]): Promise<StandIn> {
  const world = await World.start([first, ...others]);
  const api = await ApiServer.make(first);
  const kubeconfig = await api.kubeconfig();
  await api.start();
  const stop = async () => {
    await api.stop();
    await world.stop();
  };
  return { world, api, kubeconfig, stop };
}

/** Starts one that the tests of a file share; it stops behind the last of them. To be awaited at the top of the file. */
export async function useCluster(first: string, ...others: string[]): Promise<StandIn> {
  const cluster = await startCluster(first, ...others);
  afterAll(cluster.stop);
  return cluster;
}
