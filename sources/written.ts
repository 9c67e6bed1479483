import { checkAdopted } from "../cluster/adoption.ts";
import { parseCluster, wellFormed } from "../cluster/parse.ts";
import type { PatchFile } from "../cluster/patches.ts";
import { Readings } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import type { Schematic } from "../cluster/schematic.ts";
import type { Template } from "../cluster/secrets/template.ts";
import { type Apps, readApps } from "./apps.ts";
import { readPatches } from "./patches.ts";
import { readSchematics } from "./schematics.ts";
import { readTemplate } from "./secrets/read.ts";

/** All that an owner wrote about a cluster. Nothing of it was fetched. */
export interface Written {
  cluster: Cluster;
  /** By hostname. */
  schematics: ReadonlyMap<string, Schematic>;
  patches: readonly PatchFile[];
  apps: Apps;
  /** Of the secrets, where they are kept in 1Password. */
  template: Template | undefined;
}

/** Reads the configuration with the files it names, and tells everything that is wrong with them in one DeclarationError. */
export function readWritten(root: string, configuration: Record<string, unknown>): Written {
  const readings = new Readings();
  const cluster = readings.read(() => parseCluster(configuration));
  // What is right by itself says where the files lie, although something else is wrong.
  const known = cluster ?? wellFormed(configuration);
  const { patches: patchFolder, nodes, schematic, apps: appFolder, secrets } = known;
  const schematics = nodes && schematic ? readings.read(() => readSchematics(root, { nodes, schematic })) : undefined;
  const patches = patchFolder ? readings.read(() => readPatches(root, { ...known, patches: patchFolder })) : undefined;
  const apps = appFolder ? readings.read(() => readApps(root, appFolder)) : undefined;
  const { adopt } = known;
  if (adopt && apps) readings.read(() => checkAdopted({ adopt }, apps.apps));
  const template = secrets ? readings.read(() => readTemplate(root, secrets)) : undefined;
  readings.end();
  return { cluster, schematics, patches, apps, template } as Written;
}
