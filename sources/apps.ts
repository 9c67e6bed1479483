import { dirname, join } from "node:path";
import { type App, type AppNamespace, appKey, inOrder } from "../cluster/apps.ts";
import { declareManifests, type ManifestFolder } from "../cluster/manifests.ts";
import { parseNamespace } from "../cluster/namespace.ts";
import { DeclarationError, Readings } from "../cluster/problems.ts";
import { parseRelease } from "../cluster/release.ts";
import { unresolvedReferences } from "../cluster/secrets/references.ts";
import { entries, exists, folders, readMapping, readText, readYaml } from "./files.ts";
import { readManifests } from "./manifests.ts";

/** What the folders of apps declare: their directories as namespaces, the releases in them in their order, and what comes before and after these. */
export interface Apps {
  namespaces: AppNamespace[];
  apps: App[];
  manifests: ManifestFolder[];
}

/** A directory of one of the folders, below a namespace. */
interface Part {
  namespace: string;
  name: string;
  folder: string;
}

/** Reads `<namespace>/<release>/` and `<namespace>/manifests/` of a folder, or of several as if they were one. */
export function readApps(root: string, where: string | readonly string[]): Apps {
  const places = [where].flat();
  const missing = places.filter((place) => !exists(root, place));
  if (missing.length > 0) {
    const problems = missing.map((value) => ({ path: "apps", value, repair: "there is no such folder" }));
    throw new DeclarationError("configuration", problems);
  }
  const found = places.flatMap((place) => folders(root, place).map((name) => ({ name, folder: join(place, name) })));
  const names = [...new Set(found.map(({ name }) => name))].sort();
  const parts = found.flatMap(({ name: namespace, folder }) =>
    releaseFolders(root, folder).map((name) => ({ namespace, name, folder: join(folder, name) })),
  );
  const keys = [...new Set(parts.map(appKey))];
  const readings = new Readings();
  const namespaces = names.flatMap((name) => readings.read(() => readNamespace(root, name, found)) ?? []);
  const apps = keys.flatMap((key) => readings.read(() => readApp(root, declaring(root, key, parts))) ?? []);
  readings.end();
  const manifests = readManifests(root, places, namespaces, apps);
  declareManifests(manifests); // what is wrong with them is told before any chart is fetched
  return { namespaces, apps: inOrder(apps), manifests };
}

const releaseFolders = (root: string, folder: string) => folders(root, folder).filter((name) => name !== "manifests");

function readNamespace(root: string, name: string, found: readonly { name: string; folder: string }[]): AppNamespace {
  const files = found.filter((each) => each.name === name).map(({ folder }) => join(folder, "namespace.yaml"));
  const [file = files[0] as string, another] = files.filter((each) => exists(root, each));
  if (another) throw new DeclarationError(another, [{ path: "namespace", value: name, repair: `has its labels from ${file} already` }]);
  refuseReferences(root, [file], dirname(file));
  return parseNamespace(file, name, readYaml(root, file, "namespace", {}));
}

/** The one directory that declares a release. A further folder may hold more for its after/, and nothing else. */
function declaring(root: string, key: string, parts: readonly Part[]): Part {
  const same = parts.filter((part) => appKey(part) === key);
  const [first = same[0] as Part, another] = same.filter(({ folder }) => entries(root, folder).join() !== "after");
  if (!another) return first;
  const repair = `${key} is declared in ${first.folder} already; a further folder adds after/ to it, and nothing else`;
  throw new DeclarationError(another.folder, [{ path: "the folder", repair }]);
}

function readApp(root: string, { namespace, name, folder }: Part): App {
  const file = join(folder, "release.yaml");
  const valuesFile = join(folder, "values.yaml");
  refuseReferences(root, [file, valuesFile], join(folder, ".."));
  if (!exists(root, file)) {
    throw new DeclarationError(folder, [{ path: "release.yaml", repair: "is missing; a directory below a namespace is a release" }]);
  }
  const release = parseRelease(file, readYaml(root, file, file));
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
