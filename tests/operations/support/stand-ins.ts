/** Builds, once for a run of Vitest, what stands in for talosctl and for machines' Talos API. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the programs that stand in for others. */
    standIns: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "phoebe-stand-ins-"));
  const programs = ["talosctl", "talosapi"];
  await Promise.all(
    programs.map((name) => execa("go", ["build", "-o", join(folder, name), "main.go"], { cwd: join(import.meta.dirname, name) })),
  );
  project.provide("standIns", folder);
  return () => rmSync(folder, { recursive: true });
}
