import { DeclarationError } from "../../cluster/problems.ts";
import { bundleOf } from "../../cluster/secrets/template.ts";
import { type Referring, referencesOf, storeOf } from "../../sources/secrets/read.ts";
import { askFor, valuesOf } from "../../sources/secrets/store.ts";

/** What was found out about a stack's references and its bundle: sentences for a person, none of which shows a value. */
export interface Findings {
  lines: string[];
  whole: boolean;
}

/** Says of each reference whether it resolves, and of the bundle whether it is whole and right. Throws StoreUnreachable. */
export async function checkSecrets(referring: Referring, store = storeOf(referring.cluster.secrets)): Promise<Findings> {
  const { template } = referring;
  const located = referencesOf(referring);
  if (located.length === 0) return { lines: ["There are no references: the stack makes its secrets itself."], whole: true };

  const answers = await askFor(located, store);
  const values = valuesOf(answers);
  const lines = located.map(({ path, reference }) => {
    const answer = answers.get(reference);
    const found = answer && "value" in answer ? "resolves" : `does not resolve: ${answer?.why ?? "it was given no answer"}`;
    return `${path}: ${reference} ${found}`;
  });
  const resolved = located.every(({ reference }) => values.has(reference));
  if (!template) return { lines, whole: resolved };
  if (!template.references.every(({ reference }) => values.has(reference))) {
    return { lines: [...lines, `${template.file}: the bundle cannot be judged before all of it resolves.`], whole: false };
  }
  try {
    bundleOf(template, values);
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    return { lines: [...lines, error.message], whole: false };
  }
  const praise = `${template.file}: the bundle is whole; its certificates are valid and match their keys.`;
  return { lines: [...lines, praise], whole: resolved };
}
