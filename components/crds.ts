import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js";
import type * as pulumi from "@pulumi/pulumi";
import type { CustomResourceDefinition as Definition } from "../cluster/kubernetes-object.ts";
import type { Release } from "../cluster/release.ts";
import { Component } from "./component.ts";
import { takingOver } from "./taking-over.ts";

export interface CrdsArgs {
  definitions: readonly Definition[];
  lifecycle: Release["lifecycle"];
  /** The names of those that the cluster has already and that stay as they are. */
  standing: readonly string[];
  /** With which they vanish. */
  cluster: pulumi.Resource;
}

/**
 * The custom resource definitions of one chart, each a resource of its own, so that a new version's are upgraded, which Helm never does.
 * They are kept when removed here: with a definition all its objects would go.
 * Those of `lifecycle: bootstrap` are made once; one that is there already is taken into the state as it is.
 */
export class Crds extends Component {
  constructor(name: string, args: CrdsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:kubernetes:Crds", name, opts);
    const left = args.lifecycle === "bootstrap";
    const options = { ...this.child, deletedWith: args.cluster, retainOnDelete: true, ignoreChanges: left ? ["metadata", "spec"] : [] };
    for (const { metadata, spec } of args.definitions) {
      new CustomResourceDefinition(
        `${name}-${metadata.name}`,
        { metadata: left ? metadata : takingOver(metadata), spec: spec as never },
        // Once it is in the state, the ID changes nothing any more.
        { ...options, import: args.standing.includes(metadata.name) ? metadata.name : undefined },
      );
    }
    this.registerOutputs();
  }
}
