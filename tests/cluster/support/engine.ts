/** Something that an engine makes once everything that it names is made. */
export interface Task {
  name: string;
  after: readonly string[];
}

export interface Event {
  name: string;
  what: "begins" | "ends" | "fails";
}

/**
 * What an engine that goes on after an error does with a graph: it begins what is ready, side by side and in any order, and never what waits,
 * directly or through others, for something that failed. `seed` decides who is faster.
 */
export function run(tasks: readonly Task[], fails: ReadonlySet<string>, seed: number): Event[] {
  const next = dice(seed);
  const missing = new Map(tasks.map(({ name, after }) => [name, new Set(after)]));
  const awaitedBy = new Map<string, string[]>();
  for (const { name } of tasks) awaitedBy.set(name, []);
  for (const { name, after } of tasks) for (const one of new Set(after)) awaitedBy.get(one)?.push(name);
  const ready = tasks.map(({ name }) => name).filter((name) => missing.get(name)?.size === 0);
  const running: string[] = [];
  const events: Event[] = [];
  for (;;) {
    const choice = next(ready.length + running.length);
    if (choice === undefined) return events;
    const [begun] = ready.splice(choice, 1);
    if (begun !== undefined) {
      running.push(begun);
      events.push({ name: begun, what: "begins" });
      continue;
    }
    const [ended = ""] = running.splice(choice - ready.length, 1);
    events.push({ name: ended, what: fails.has(ended) ? "fails" : "ends" });
    if (fails.has(ended)) continue;
    for (const waiting of awaitedBy.get(ended) ?? []) {
      missing.get(waiting)?.delete(ended);
      if (missing.get(waiting)?.size === 0) ready.push(waiting);
    }
  }
}

/** The same graph when all of it is deleted: what was made last goes first. */
export function reversed(tasks: readonly Task[]): Task[] {
  return tasks.map(({ name }) => ({ name, after: tasks.filter(({ after }) => after.includes(name)).map((task) => task.name) }));
}

/** The names of what began, and of what ended well. */
export function begun(events: readonly Event[]): string[] {
  return events.filter(({ what }) => what === "begins").map(({ name }) => name);
}

export function ended(events: readonly Event[]): string[] {
  return events.filter(({ what }) => what === "ends").map(({ name }) => name);
}

/** Calls back at each beginning, with what runs beside it and what is done. */
export function eachBeginning(events: readonly Event[], look: (name: string, beside: string[], done: ReadonlySet<string>) => void): void {
  const running = new Set<string>();
  const done = new Set<string>();
  for (const { name, what } of events) {
    if (what === "begins") {
      look(name, [...running], done);
      running.add(name);
    } else {
      running.delete(name);
      if (what === "ends") done.add(name);
    }
  }
}

/** Numbers below a bound, the same for the same seed (a linear congruential generator); undefined where there is none. */
function dice(seed: number): (bound: number) => number | undefined {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return bound === 0 ? undefined : Math.floor((state / 2 ** 32) * bound);
  };
}
