import { expect, test } from "vitest";
import { readDryRun } from "../../operations/lib/config/apply.ts";

const summary = (how: string, diff: string) =>
  `WARNING: x\nDry run summary:\nApplied configuration ${how} a reboot (skipped in dry-run).\nConfig diff:\n\n${diff}\n`;

test("a dry run says whether anything would change, and whether by a reboot", () => {
  expect(readDryRun(summary("without", "No changes."))).toEqual({ same: true, reboots: false });
  expect(readDryRun(summary("without", "--- a\n+++ b\n@@ -1 +1 @@\n-a: b\n+a: c"))).toEqual({ same: false, reboots: false });
  // With the difference that needs it said first.
  const why = "with a reboot: this config change can't be applied in immediate mode\ndiff:\n+No changes.\n";
  expect(readDryRun(`Dry run summary:\nApplied configuration ${why} (skipped in dry-run).\nConfig diff:\n\n+a`)).toEqual({
    same: false,
    reboots: true,
  });
});

test("what a config holds is taken for no answer", () => {
  const text = "@@ -1 +1 @@\n content: |\n-  x\n+  Config diff:\n+  No changes.\n   No changes.";
  expect(readDryRun(summary("without", text))).toEqual({ same: false, reboots: false });
  expect(() => readDryRun("Applied configuration without a reboot")).toThrow("no summary");
});
