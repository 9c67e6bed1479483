import { type Declaration, declareNodes } from "../cluster/declaration.ts";
import { declareManifests } from "../cluster/manifests.ts";
import { provideChart } from "./charts.ts";
import { readSecrets } from "./secrets/read.ts";
import { readWritten } from "./written.ts";

/** Reads the declaration whose configuration values are given; `root` is the project's folder. */
export async function load(root: string, configuration: Record<string, unknown>, isPreview = false): Promise<Declaration> {
  const written = readWritten(root, configuration);
  const { cluster } = written;
  const { secrets, patches, manifests, secretValues } = await readSecrets(written);
  const { namespaces, apps } = written.apps;
  const releases = await Promise.all(apps.map(async (app) => ({ ...app, archive: await provideChart(root, cluster, app, { isPreview }) })));
  const definitions = releases.flatMap(({ archive }) => archive.crds);
  return {
    ...cluster,
    nodes: declareNodes({ ...written, patches }),
    secrets,
    secretValues,
    namespaces,
    releases,
    manifests: declareManifests(manifests, definitions),
  };
}
