/** Seconds that something takes. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return (performance.now() - began) / 1000;
}

/** Prints one figure. */
export function line(what: string, figure: string): void {
  console.log(`${what.padEnd(52)}${figure}`);
}
