import type { Answer } from "./world.ts";

/** talosctl's summary of a dry run. */
export const summary = (how: string, diff: string): Answer => ({
  stderr: `WARNING: x\nDry run summary:\nApplied configuration ${how} a reboot (skipped in dry-run).\nConfig diff:\n\n${diff}\n`,
});
export const same = summary("without", "No changes.");
export const differs = summary("without", "--- a\n+++ b\n@@ -1 +1 @@\n token: s3cr3t\n-No changes.\n+x");

/** The config that a node runs with, and the one that it has kept for its next boot. */
export const configs = (active: string, kept: string): Answer => {
  const resource = (id: string, spec: string) => `${JSON.stringify({ metadata: { id }, node: "", spec }, null, 4)}\n`;
  return { stdout: `${resource("persistent", kept)}${resource("v1alpha1", active)}` };
};

/** What Talos made of the kubelet's config last, and when it started that. */
export const kubeletOf = (version: number, started: string): Record<string, Answer> => ({
  "get kubeletspecs": { stdout: JSON.stringify({ metadata: { id: "kubelet", version }, spec: { image: "k:v1.36.3" } }) },
  "get services": {
    stdout: JSON.stringify({ metadata: { id: "kubelet", created: `2026-05-01T${started}:00Z` }, spec: { running: true } }),
  },
});
