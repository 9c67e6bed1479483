/** `pulumi up` whose text is looked at, and what a preview plans. */
import type { Lab, Run } from "./lab.ts";

type Environment = Readonly<Record<string, string>>;

/** Scripts give a node this many seconds: enough for one that only reboots, also on a busy machine, and little for one that never comes. */
export const impatient: Environment = { NODE_TIMEOUT: "25" };

/** What an `up` that has to succeed printed, and its events. */
export async function succeeds(lab: Lab, env: Environment = {}): Promise<{ text: string; events: Run["events"]["events"] }> {
  const run = lab.begin("up", { env });
  const { exitCode, all } = await run.process;
  if (exitCode !== 0) throw new Error(`pulumi up ended with ${exitCode}:\n${all}`);
  return { text: all, events: run.events.events };
}

/** What an `up` that has to fail printed. */
export async function fails(lab: Lab, env: Environment = impatient): Promise<string> {
  const { exitCode, all } = await lab.begin("up", { env }).process;
  if (exitCode === 0) throw new Error(`pulumi up succeeded:\n${all}`);
  return all;
}

interface Plan {
  readonly steps: readonly { readonly op: string; readonly urn: string }[];
}

/** The steps of a preview that would replace or delete something. */
export async function destructiveSteps(lab: Lab): Promise<string[]> {
  const { steps } = JSON.parse(await lab.output("pulumi", "preview", "--json", "--non-interactive")) as Plan;
  return steps.filter(({ op }) => /replace|delete/.test(op)).map(({ op, urn }) => `${op} ${urn}`);
}

/** The resources in the state, each with its ID: what was recreated has another one. */
export async function resources(lab: Lab): Promise<string[]> {
  const { deployment } = JSON.parse(await lab.output("pulumi", "stack", "export")) as {
    deployment: { resources?: readonly { urn: string; id?: string }[] };
  };
  return (deployment.resources ?? []).map(({ urn, id }) => `${urn} ${id ?? ""}`).sort();
}
