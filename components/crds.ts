import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js";
import type * as pulumi from "@pulumi/pulumi";
import type { CustomResourceDefinition as Definition } from "../cluster/kubernetes-object.ts";
import type { Release } from "../cluster/release.ts";
import { Component } from "./component.ts";

export interface CrdsArgs {
  definitions: readonly Definition[];
  lifecycle: Release["lifecycle"];
  /** With which they vanish. */
  cluster: pulumi.Resource;
}

/**
 * The custom resource definitions of one chart, each a resource of its own, so that a new version's are upgraded, which Helm never does.
 * They are kept when removed here: with a definition all its objects would go.
 */
export class Crds extends Component {
  constructor(name: string, args: CrdsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:kubernetes:Crds", name, opts);
    const ignoreChanges = args.lifecycle === "bootstrap" ? ["metadata", "spec"] : [];
    for (const { metadata, spec } of args.definitions) {
      new CustomResourceDefinition(
        `${name}-${metadata.name}`,
        { metadata, spec: spec as never },
        { ...this.child, deletedWith: args.cluster, retainOnDelete: true, ignoreChanges },
      );
    }
    this.registerOutputs();
  }
}
