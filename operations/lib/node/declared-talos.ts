import type { Environment, Variable } from "../script/environment.ts";
import type { Running } from "./running.ts";

/** The variables that say which Talos a node is to run. */
export const talosVariables = ["TALOS_VERSION", "SCHEMATIC_ID", "INSTALLER_IMAGE", "ALLOW_DOWNGRADE"] as const satisfies Variable[];

/** The Talos that a node is to run. */
export interface DeclaredTalos extends Running {
  /** The installer image of that schematic and version. */
  readonly image: string;
  readonly allowDowngrade: boolean;
}

/** The Talos that a script's variables name. */
export function declaredTalos(env: Environment<(typeof talosVariables)[number]>): DeclaredTalos {
  const { TALOS_VERSION: version, SCHEMATIC_ID: schematic, INSTALLER_IMAGE: image, ALLOW_DOWNGRADE: allowDowngrade } = env;
  return { version, schematic, image, allowDowngrade };
}

/** Whether it is the same version and schematic. */
export function sameTalos(a: Running, b: Running): boolean {
  return a.version === b.version && a.schematic === b.schematic;
}

/** "Talos v1.13.3 with schematic 376567988ad3…" */
export function told({ version, schematic }: Running): string {
  return `Talos ${version} with ${schematic ? `schematic ${schematic.slice(0, 12)}…` : "no schematic"}`;
}
