/** A folder of apps that belongs to one lab. */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./lab.ts";

/** The network alone, inside the project: nodes become Ready and are drained, and nothing else costs time. */
export function networkAlone(lab: string): string {
  const path = `.lab/tests/${lab}-apps`;
  const remove = () => rmSync(join(root, path), { recursive: true, force: true });
  remove();
  onTestFinished(remove);
  for (const part of ["kube-system/namespace.yaml", "kube-system/cilium"]) {
    cpSync(join(root, "apps", part), join(root, path, part), { recursive: true });
  }
  return path;
}
