/** From bare machines to Flux: how far the stack is, and a plain script, and when. */
import { nameOf } from "../tests/lab/harness/events.ts";
import type { Lab } from "../tests/lab/harness/lab.ts";
import { line } from "./report.ts";

/** What comes one after the other in any cluster's first minutes, with the stack's resource that is done by then: where several are, with the last of them. */
const milestones = {
  "first machine configured": /-configuration-bench-ctrl-1-apply$/,
  "etcd started": /-bootstrap-command$/,
  "API server ready": /-api-command$/,
  "network installed": /-release-kube-system-cilium-helm$/,
  "nodes Ready": /-ready-.*-command$/,
  "CoreDNS installed": /-release-kube-system-coredns-helm$/,
  "Flux installed": /-release-flux-system-flux2-helm$/,
} as const;

export type Milestone = keyof typeof milestones;

/** Seconds since it was begun, by milestone. */
export class Course {
  readonly #began = performance.now();
  readonly #reached = new Map<Milestone, number>();

  reach(milestone: Milestone): void {
    this.#reached.set(milestone, (performance.now() - this.#began) / 1000);
  }

  at(milestone: Milestone): number {
    return this.#reached.get(milestone) ?? Number.NaN;
  }
}

/** Brings a lab up by the stack. */
export async function bringUp(lab: Lab): Promise<Course> {
  const course = new Course();
  const run = lab.begin("up");
  run.events.each(({ resOutputsEvent: done }) => {
    const name = done ? nameOf(done.metadata.urn) : "";
    for (const [milestone, pattern] of Object.entries(milestones)) if (pattern.test(name)) course.reach(milestone as Milestone);
  });
  const { exitCode, all } = await run.process;
  if (exitCode !== 0) throw new Error(all);
  course.reach("Flux installed"); // with what comes behind it: it is the whole command that a person waits for
  return course;
}

/** Prints both, each milestone beside the other's. */
export function compare(stack: Course, plain: Course): void {
  line("4 bare machines to Flux", "pulumi up, and by talosctl and Helm alone");
  for (const milestone of Object.keys(milestones) as Milestone[])
    line(`  ${milestone}`, `${stack.at(milestone).toFixed(1)} s, ${plain.at(milestone).toFixed(1)} s`);
  line("  the one against the other", `${(stack.at("Flux installed") / plain.at("Flux installed")).toFixed(2)} times`);
}
