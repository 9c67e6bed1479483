import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { weaknesses } from "../cluster/weaknesses.ts";
import { Component } from "./component.ts";

export interface SchematicArgs {
  /** The ID that was computed offline. */
  id: string;
  /** The canonical text. */
  text: string;
  /** Where it was read. */
  file: string;
  kernelArguments: readonly string[];
}

/**
 * One schematic, submitted to Image Factory. Its ID is known beforehand and used everywhere; this proves that the factory agrees.
 * Named by the ID: another text is another resource, and the old one stays in the factory.
 */
export class Schematic extends Component {
  /** The ID that the factory gave, which is the declared one or an error. */
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: SchematicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:image:Schematic", name, opts);
    this.#warn(args);
    const submitted = new talos.imagefactory.Schematic(
      `${name}-submitted`,
      { schematic: args.text },
      // The provider updates in place and keeps the old ID.
      { ...this.child, replaceOnChanges: ["schematic"] },
    );
    this.id = submitted.id.apply((answered) => confirmed(args.id, answered));
    this.registerOutputs({ id: this.id });
  }

  #warn({ file, kernelArguments }: SchematicArgs): void {
    const found = weaknesses(kernelArguments);
    if (found.length === 0) return;
    const lines = found.map((weakness) => `  ${weakness}`).join("\n");
    pulumi.log.warn(`${file} gives up security, which suits a home lab at most:\n${lines}`, this);
  }
}

/** The ID, if it is the one that was computed. In a preview the factory was not asked, and there is none yet. */
export function confirmed(computed: string, answered: string): string {
  if (!answered || answered === computed) return computed;
  throw new pulumi.RunError(
    `Image Factory keeps this schematic as ${answered}, but ${computed} was computed. Nodes would pull an image that does not exist: ` +
      "quote the values in the schematic that look like numbers or words such as yes, or report the schematic as a bug.",
  );
}
