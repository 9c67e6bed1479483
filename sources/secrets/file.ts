import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { type SecretStore, StoreUnreachable } from "./store.ts";

const values = z.record(z.string(), z.string());

/** A file of values by reference, in JSON: what the lab has in the place of 1Password. */
export function fileOfValues(path: string): SecretStore {
  return {
    async resolveAll(references) {
      const known = new Map(Object.entries(read(path)));
      return new Map(
        references.map((reference) => {
          const value = known.get(reference);
          return [reference, value ? { value } : { why: "the lab made no value for it; run the lab's up again" }];
        }),
      );
    },
  };
}

function read(path: string): Record<string, string> {
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) throw new StoreUnreachable(`${path} may be read by others: chmod 600 ${path}.`);
    return values.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof StoreUnreachable) throw error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new StoreUnreachable(
      missing ? `There is no ${path}, which the lab makes.` : `${path} is not the lab's file of values: remove it, the lab makes it anew.`,
    );
  }
}
