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
