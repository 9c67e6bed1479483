import { afterAll } from "vitest";
import { ApiServer } from "./api-server.ts";
import { type Answer, World } from "./world.ts";

/** What stands in for a cluster: its machines, and the Kubernetes API of the first one with talosctl's way to it. */
export interface StandIn {
  readonly world: World;
  readonly api: ApiServer;
  readonly kubeconfig: Answer;
}

/**
 * Starts a stand-in for the tests of a file, which stops behind the last of them: to be awaited at the top of the file. Its addresses are no other
 * file's, since files run side by side.
 */
export async function useCluster(first: string, ...others: string[]): Promise<StandIn> {
  const world = await World.start([first, ...others]);
  const api = await ApiServer.make(first);
  const kubeconfig = await api.kubeconfig();
  await api.start();
  afterAll(async () => {
    await api.stop();
    await world.stop();
  });
  return { world, api, kubeconfig };
}
