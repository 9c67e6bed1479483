import { DeclarationError } from "../../cluster/problems.ts";
import type { Located, Values } from "../../cluster/secrets/references.ts";
import { type Answer, askFor, type SecretStore, StoreUnreachable, valuesOf } from "./store.ts";

/**
 * The values of all references of a run, by one call. Throws one DeclarationError that names every reference that has none, with its place.
 * Without references nobody is asked.
 */
export async function resolve(located: readonly Located[], store: SecretStore): Promise<Values> {
  if (located.length === 0) return new Map();
  const answers = await ask(located, store);
  const problems = located.flatMap(({ reference, path }) => {
    const answer = answers.get(reference) ?? { why: "was given no answer" };
    return "why" in answer ? [{ path, value: reference, repair: answer.why }] : [];
  });
  if (problems.length > 0) throw new DeclarationError("secrets", problems);
  return valuesOf(answers);
}

async function ask(located: readonly Located[], store: SecretStore): Promise<ReadonlyMap<string, Answer>> {
  try {
    return await askFor(located, store);
  } catch (error) {
    if (!(error instanceof StoreUnreachable)) throw error;
    throw new DeclarationError("secrets", [
      {
        path: "the store",
        repair: `${error.message} Nothing is done without the values of all ${located.length} references. npm run render shows the machine configs without them.`,
      },
    ]);
  }
}
