import fc from "fast-check";
import { type Rollout, rollout } from "../../cluster/order.ts";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { arbitraryHistory, declared, type Written } from "./declarations.ts";
import { type Deployment, deletion, deploy, differences, type Resources, resourcesOf } from "./deployment.ts";
import { mocksByInputs } from "./fixtures.ts";
import { type Registration, record } from "./recorder.ts";

/** Other clusters in every run. A failure prints it, and SEED=<it> in the environment repeats the run. */
export const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const count = 6;

export interface Recorded {
  written: Written;
  order: Rollout;
  registrations: ReadonlyMap<string, Registration>;
  resources: Resources;
}
/** Clusters with what becomes of them by two mixes of changes: enough to record in some seconds. */
export const histories: Recorded[][] = [];

export async function recordHistories(): Promise<void> {
  for (const history of fc.sample(arbitraryHistory, { numRuns: count, seed })) {
    const recorded: Recorded[] = [];
    for (const written of history) {
      const declaration = declared(written);
      const registrations = await record(mocksByInputs, () => new TalosCluster("demo", declaration));
      recorded.push({ written, order: rollout(declaration), registrations, resources: resourcesOf("demo", registrations) });
    }
    histories.push(recorded);
  }
}

/** What a run meets: faults in some of what it has to do, anywhere or on workers alone, and a kill at some point, or neither. */
interface Lot {
  where: "anywhere" | "workers";
  picks: number[];
  seed: number;
  killed: number | null;
}
const arbitraryLot: fc.Arbitrary<Lot> = fc.record({
  where: fc.constantFrom("anywhere", "workers"),
  picks: fc.array(fc.nat(), { maxLength: 3 }),
  seed: fc.nat(),
  killed: fc.option(fc.nat(), { freq: 4 }),
});
const undisturbed: Lot = { where: "anywhere", picks: [], seed: 0, killed: null };
export const onWorkers = /^(talos|configuration|ready)-w/;

/** A cluster is set up, changed, and changed again or back, whatever happens; then it is brought up twice more, and nothing happens. */
const arbitrarySeries = fc.record({
  history: fc.nat(count - 1),
  changes: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
  lots: fc.tuple(arbitraryLot, arbitraryLot, arbitraryLot),
});
type Series = typeof arbitrarySeries extends fc.Arbitrary<infer S> ? S : never;

export interface Run extends Deployment, Omit<Recorded, "resources"> {
  lot: Lot;
  earlier: Run | undefined;
}

function runsOf({ history, changes, lots }: Series): Run[] {
  const runs: Run[] = [];
  for (const [index, change] of [...changes, changes[2], changes[2]].entries()) {
    const { resources, ...recorded } = histories.flat()[3 * history + change] as Recorded;
    const lot = lots[index] ?? undisturbed;
    const earlier = runs.at(-1);
    const before: Resources = earlier?.after ?? new Map();
    const { changed, gone } = differences(before, resources);
    const candidates = [...changed, ...[...gone].map(deletion)].filter((name) => lot.where === "anywhere" || onWorkers.test(name));
    const fails = new Set(lot.picks.flatMap((pick) => candidates[pick % candidates.length] ?? []));
    const killedAfter = lot.killed === null ? undefined : lot.killed % (2 * (resources.size + gone.size));
    runs.push({ ...deploy(before, resources, "guard-last-command", { fails, seed: lot.seed, killedAfter }), ...recorded, lot, earlier });
  }
  return runs;
}

/** By the same seed every test meets the same series. */
const known = new Map<string, Run[]>();

/** Asserts something of random series of runs. */
export function eachSeries(assertion: (runs: Run[]) => void): void {
  const property = fc.property(arbitrarySeries, (series) => {
    const key = JSON.stringify(series);
    const runs = known.get(key) ?? runsOf(series);
    known.set(key, runs);
    assertion(runs);
  });
  fc.assert(property, { numRuns: 400, seed });
}

/** Asserts something of each of their runs. */
export function always(assertion: (run: Run) => void): void {
  eachSeries((runs) => runs.forEach(assertion));
}
