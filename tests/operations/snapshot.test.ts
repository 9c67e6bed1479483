import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { newestSnapshot, snapshotProblem } from "../../operations/lib/etcd/snapshot.ts";
import { database } from "./support/rolling.ts";

const folder = mkdtempSync(join(tmpdir(), "phoebe-snapshots-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a snapshot is a database whose digest is right", async () => {
  expect(await snapshotProblem(database(folder, true))).toBeUndefined();
  expect(await snapshotProblem(database(folder, false))).toContain("digest");
  const cut = database(folder, true);
  truncateSync(cut, 512);
  expect(await snapshotProblem(cut)).toContain("digest");
  truncateSync(cut, 40);
  expect(await snapshotProblem(cut)).toBe("it has 40 bytes only");
  writeFileSync(cut, Buffer.alloc(1024));
  expect(await snapshotProblem(cut)).toBe("it is no etcd database");
});

test("the newest one of a cluster is the last by its name's time, and one that is half done is none", () => {
  expect(newestSnapshot(join(folder, "nothing"), "home")).toBeUndefined();
  for (const name of [
    "home-20260101T000000Z-before-x.db",
    "home-20261231T235959Z-a.db",
    "home-20270101T000000Z-b.db.partial",
    "home-lab-20280101T000000Z-c.db",
    "home-notes.db",
  ]) {
    writeFileSync(join(folder, name), "");
  }
  expect(newestSnapshot(folder, "home")).toBe(join(folder, "home-20261231T235959Z-a.db"));
});
