/** Figures of several runs. */
export interface Figures {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const [minimum, median, maximum] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (minimum === undefined || median === undefined || maximum === undefined) throw new Error("no values");
  return { minimum, median, maximum };
}

/** "1.23 s (1.20 to 1.40)" */
export function seconds({ minimum, median, maximum }: Figures): string {
  return `${median.toFixed(2)} s (${minimum.toFixed(2)} to ${maximum.toFixed(2)})`;
}
