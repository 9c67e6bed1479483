/** That a change is over. */
import { expect } from "vitest";
import type { Lab } from "./lab.ts";

/** A further up changes nothing and sends no node away. */
export async function nothingIsLeftToDo(lab: Lab): Promise<void> {
  const past = async () => (await lab.machines()).map(({ name, boots, upgrades, absences }) => ({ name, boots, upgrades, absences }));
  const before = await past();
  expect(await lab.up()).toEqual({ same: expect.any(Number) });
  expect(await past()).toEqual(before);
}
