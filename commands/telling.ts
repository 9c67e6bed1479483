import { UserError } from "../cluster/user-error.ts";

/** Runs a command. What its person can mend is told line by line, each thing once, and the process ends with 1; anything else is thrown on. */
export async function telling(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error([...new Set(messagesOf(error))].join("\n"));
    process.exitCode = 1;
  }
}

function messagesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(messagesOf);
  if (error instanceof UserError) return [error.message];
  throw error;
}
