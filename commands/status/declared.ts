import { declareNodes } from "../../cluster/declaration.ts";
import type { DeclaredSight } from "../../cluster/status/sight.ts";
import { readStackFile } from "../../sources/stack-file.ts";
import { readWritten } from "../../sources/written.ts";
import type { Stack } from "../pulumi.ts";
import { renderNodes } from "../render/render.ts";

/** A cluster as its stack file declares it now. */
export interface DeclaredCluster {
  readonly clusterName: string;
  readonly nodes: readonly DeclaredSight[];
  /** Each node's machine config, redacted, by hostname. */
  readonly renderings: ReadonlyMap<string, string>;
}

/** Reads what is declared, without secrets and without Pulumi, as `npm run render` does. */
export async function readDeclared(root: string, { file }: Stack): Promise<DeclaredCluster> {
  const written = readWritten(root, readStackFile(root, file));
  const { clusterName, talosVersion, kubernetesVersion } = written.cluster;
  const nodes = declareNodes(written).map(({ hostname, address, role, image }) => ({
    hostname,
    address,
    role,
    talosVersion,
    kubernetesVersion,
    schematicId: image.id,
  }));
  return { clusterName, nodes, renderings: await renderNodes(written) };
}
