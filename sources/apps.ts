import { join } from "node:path";
import { type App, type AppNamespace, inOrder } from "../cluster/apps.ts";
import { declareManifests, type ManifestFolder } from "../cluster/manifests.ts";
import { parseNamespace } from "../cluster/namespace.ts";
import { DeclarationError, Readings } from "../cluster/problems.ts";
import { parseRelease } from "../cluster/release.ts";
import { unresolvedReferences } from "../cluster/secrets/references.ts";
import { exists, folders, readMapping, readText, readYaml } from "./files.ts";
import { readManifests } from "./manifests.ts";

/** What a folder of apps declares: its directories as namespaces, the releases in them in their order, and what comes before and after these. */
export interface Apps {
  namespaces: AppNamespace[];
  apps: App[];
  manifests: ManifestFolder[];
}

/** Reads `apps/<namespace>/<release>/` and `apps/<namespace>/manifests/`. */
export function readApps(root: string, folder: string): Apps {
  if (!exists(root, folder)) {
    throw new DeclarationError("configuration", [{ path: "apps", value: folder, repair: "there is no such folder" }]);
  }
  const names = folders(root, folder);
  const readings = new Readings();
  const namespaces = names.flatMap((name) => readings.read(() => readNamespace(root, join(folder, name), name)) ?? []);
  const apps = names.flatMap((namespace) =>
    releaseFolders(root, join(folder, namespace)).flatMap(
      (name) => readings.read(() => readApp(root, join(folder, namespace, name), namespace, name)) ?? [],
    ),
  );
  readings.end();
  const manifests = readManifests(root, folder, namespaces, apps);
  declareManifests(manifests); // what is wrong with them is told before any chart is fetched
  return { namespaces, apps: inOrder(apps), manifests };
}

const releaseFolders = (root: string, folder: string) => folders(root, folder).filter((name) => name !== "manifests");

function readNamespace(root: string, folder: string, name: string): AppNamespace {
  const file = join(folder, "namespace.yaml");
  refuseReferences(root, [file], folder);
  return parseNamespace(file, name, readYaml(root, file, "namespace", {}));
}

function readApp(root: string, folder: string, namespace: string, name: string): App {
  const file = join(folder, "release.yaml");
  const valuesFile = join(folder, "values.yaml");
  refuseReferences(root, [file, valuesFile], join(folder, ".."));
  const release = parseRelease(file, readYaml(root, file, `a directory below a namespace is a release, or has no place there: ${folder}`));
  const strays = folders(root, folder).filter((name) => name !== "after");
  if (strays.length > 0) {
    const repair = "is no folder of a release; what is applied once it is ready stands in after/";
    throw new DeclarationError(
      file,
      strays.map((stray) => ({ path: join(folder, stray), repair })),
    );
  }
  const values = readMapping(root, valuesFile);
  return { ...release, namespace, name, values };
}

/** References are filled in where the value stays secret all the way; a chart's values are shown in previews. */
function refuseReferences(root: string, files: readonly string[], namespaceFolder: string): void {
  const instead = `keep the value in a Secret, in stringData of a file in ${join(namespaceFolder, "manifests")}/, and name that Secret here`;
  const problems = files.flatMap((file) => (exists(root, file) ? unresolvedReferences(file, readText(root, file, file), instead) : []));
  if (problems.length > 0) throw new DeclarationError("apps", problems);
}
