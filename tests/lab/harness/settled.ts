/** What a test says of a change as a whole: how long it took, and that it is over. */
import { expect } from "vitest";
import type { Lab } from "./lab.ts";

/** A further up changes nothing and sends no node away. */
export async function nothingIsLeftToDo(lab: Lab): Promise<void> {
  const past = async () => (await lab.machines()).map(({ name, boots, upgrades, absences }) => ({ name, boots, upgrades, absences }));
  const before = await past();
  expect(await lab.up()).toEqual({ same: expect.any(Number) });
  expect(await past()).toEqual(before);
}

/** Prints how long something took. */
export async function timed(what: string, action: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await action();
  console.info(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
