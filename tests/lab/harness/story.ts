/** Tests of several steps that share one lab: starting one costs more than most of what is asked of it. */

/** One step: it is named where it fails, and what it took is printed. */
export async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const said = (how: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}${how}`);
  try {
    const result = await run();
    said("");
    return result;
  } catch (error) {
    said(": FAILED");
    if (error instanceof Error) error.message = `${what}: ${error.message}`;
    throw error;
  }
}
