import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { snapshotsIn } from "./snapshots.ts";

const folder = mkdtempSync(join(tmpdir(), "phoebe-snapshots-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that begins as bbolt's do, with what etcd puts behind it. */
function snapshot(): Buffer {
  const pages = Buffer.alloc(8192);
  pages.writeUInt32LE(0xed0cdaed, 16);
  return Buffer.concat([pages, createHash("sha256").update(pages).digest()]);
}

test("only what etcd wrote, all of it, is whole", () => {
  const good = snapshot();
  const bent = snapshot();
  bent[5000] = 1;
  const files: Record<string, Buffer> = {
    "a.db": good,
    "b.db": bent,
    "c.db": good.subarray(0, -100),
    "d.db": Buffer.alloc(0),
    "e.partial": good,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o600 });
  expect(snapshotsIn(folder).map(({ name, mode, whole }) => [name, mode, whole])).toEqual([
    ["a.db", 0o600, true],
    ["b.db", 0o600, false],
    ["c.db", 0o600, false],
    ["d.db", 0o600, false],
  ]);
  expect(snapshotsIn(join(folder, "none"))).toEqual([]);
});
