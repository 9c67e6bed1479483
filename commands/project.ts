import { resolve } from "node:path";

/** The project's folder. */
export const root = resolve(import.meta.dirname, "..");

/** A path as it was given: npm changes to the project's folder, and a relative path is meant from where the person is. */
export function pathGiven(path: string): string {
  return resolve(process.env.INIT_CWD ?? "", path);
}
