import { expect } from "vitest";
import { DeclarationError } from "../../../cluster/problems.ts";

/** Whatever a file holds, it is read or refused with problems that say where and what, and never in words that are a program's. */
export function readOrRefused(read: () => unknown, refusal: (message: string) => void = () => {}): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    refusal(error.message);
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { path, repair } of error.problems) {
      expect(path).not.toBe("");
      expect(repair).not.toMatch(/^$|undefined|\[object|TypeError|RangeError|\bat .*\.ts:/);
    }
  }
}
