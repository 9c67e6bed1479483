import { constants } from "node:os";
import { type Environment, readEnvironment, type Variable, variables } from "./environment.ts";
import { exits, Failure } from "./failure.ts";

/** What a verb does; returns the sentence that says what came of it. */
export type Verb<V extends Variable> = (env: Environment<V>, signal: AbortSignal, options: Options) => Promise<string> | string;

/** The options that a person gave, by their names. */
export type Options = Readonly<Record<string, string | true | undefined>>;

/** A file of `operations/`. */
export interface Script<V extends Variable> {
  readonly name: string;
  /** What it does, for `--help`. */
  readonly summary: string;
  readonly variables: readonly V[];
  /** What it does when called without an argument: a Command's create and update. */
  readonly run?: Verb<V>;
  /** What `<script> update` does, where a Command's update is something else than its create. */
  readonly update?: Verb<V>;
  /** What `<script> delete` does, where that is something. */
  readonly delete?: Verb<V>;
  /** Options of `run`, for a person. */
  readonly options?: readonly { readonly flags: string; readonly description: string }[];
}

/** Runs a script as the process's only work: reads the environment, ends cleanly on signals, exits as operations/README.md says. */
export async function script<V extends Variable>(definition: Script<V>): Promise<void> {
  const { run, options = [] } = definition;
  if (run && process.argv.length === 2) return perform(definition, run);
  const { Command } = await import("commander"); // a Command's create has no words for it to read
  const command = new Command(definition.name)
    .description(definition.summary)
    .addHelpText("after", `\nEnvironment:\n${helpOf(definition.variables)}`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exits.badInput));
  if (run) command.action((given: Options) => perform(definition, run, given));
  for (const { flags, description } of options) command.option(flags, description);
  for (const verb of ["update", "delete"] as const) {
    const action = definition[verb];
    if (!action) continue;
    command
      .command(verb)
      .description(`what the Command's ${verb} does`)
      .action(() => perform(definition, action));
  }
  await command.parseAsync();
}

async function perform<V extends Variable>(definition: Script<V>, verb: Verb<V>, options: Options = {}): Promise<void> {
  // Whoever read our lines may have been killed. What that means is for the fence to say.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () =>
      stop.abort(new Failure(`Ended by ${signal}. Nothing further was changed.`, 128 + constants.signals[signal])),
    );
  }
  try {
    process.stdout.write(`${await verb(readEnvironment(definition.variables, process.env), stop.signal, options)}\n`);
  } catch (error) {
    // An aborted timer throws an error of its own, with ours as the cause.
    const reason = stop.signal.aborted ? stop.signal.reason : error;
    if (!(reason instanceof Failure)) throw reason;
    process.stderr.write(`${definition.name}: ${reason.message}\n`);
    process.exitCode = reason.exitCode;
  }
  // Whatever still holds a handle is of no use any more.
  process.exit();
}

function helpOf(names: readonly Variable[]): string {
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `  ${name.padEnd(width)}  ${variables[name].description ?? ""}`).join("\n");
}
