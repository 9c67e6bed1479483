import type { Reply } from "../../../cluster/reply.ts";

export type { Reply };

/** The first answer that comes in from those who are asked side by side; where there is none, all that stood against it. */
export async function firstOf<T>(asked: readonly Promise<Reply<T>>[]): Promise<Reply<T>> {
  const problems: string[] = [];
  const answers = asked.map(async (one) => {
    const reply = await one;
    if ("value" in reply) return reply;
    problems.push(reply.problem);
    throw new Error(reply.problem);
  });
  return Promise.any(answers).catch(() => ({ problem: problems.join("; ") }));
}
