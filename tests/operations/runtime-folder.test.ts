import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runtimeFolder } from "../../operations/lib/script/runtime-folder.ts";

let base: string;
const phoebe = () => join(base, `phoebe-${process.getuid?.()}`);
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "phoebe-runtime-"));
});
afterEach(() => rmSync(base, { recursive: true }));

test("a cluster has a folder of its own, for this user alone, whatever its ID holds", () => {
  const env = { PHOEBE_RUNTIME_DIR: base };
  const folders = ["a/b=", "../../x", "a/b"].map((id) => runtimeFolder(id, env));
  expect(new Set(folders).size).toBe(3);
  for (const folder of folders) {
    expect(folder).toMatch(new RegExp(`^${phoebe()}/[0-9a-f]{16}$`));
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  }
  expect(runtimeFolder("a/b", env)).toBe(folders[2]);
});

test("a folder that others can write to, or that is none, is not used", () => {
  mkdirSync(phoebe());
  chmodSync(phoebe(), 0o777);
  const make = () => runtimeFolder("id", { PHOEBE_RUNTIME_DIR: base });
  expect(make).toThrow(`${phoebe()} is open to others (mode 777): no credentials are put there`);
  rmSync(phoebe(), { recursive: true });
  symlinkSync(base, phoebe());
  expect(make).toThrow(`${phoebe()} is not a folder`);
  rmSync(phoebe());
  writeFileSync(join(base, "file"), "");
  expect(() => runtimeFolder("id", { PHOEBE_RUNTIME_DIR: join(base, "file") })).toThrow(/no folder .*ENOTDIR.* PHOEBE_RUNTIME_DIR names/);
});

test("all sessions of a user meet in one place, whatever they name", () => {
  const sessions = [{}, { XDG_RUNTIME_DIR: base }, { TMPDIR: base }, { PHOEBE_RUNTIME_DIR: "" }];
  const [first = "", ...others] = sessions.map((env) => runtimeFolder("phoebe's own test", env));
  expect(first).toMatch(new RegExp(`^/tmp/phoebe-${process.getuid?.()}/`));
  expect(others).toEqual(others.map(() => first));
  rmSync(first, { recursive: true });
});
