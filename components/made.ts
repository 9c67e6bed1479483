/** Components of one kind, by hostname or by `<namespace>/<release>`. */
export type Made<T> = ReadonlyMap<string, T>;

/** One that has to be there already: Pulumi takes no dependency on what is declared later. */
export function made<T>(all: Made<T>, key: string): T {
  const one = all.get(key);
  if (one === undefined) throw new Error(`${key} is waited for, but comes later in the graph`);
  return one;
}
