import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { NamespacePatch } from "@pulumi/kubernetes/core/v1/namespacePatch.js";
import type * as pulumi from "@pulumi/pulumi";
import { type AppNamespace, builtInNamespaces } from "../cluster/apps.ts";
import { Component } from "./component.ts";
import { takingOver } from "./taking-over.ts";

export interface NamespacesArgs {
  namespaces: readonly AppNamespace[];
  /** With which they vanish. */
  cluster: pulumi.Resource;
}

/** The namespaces that the directories under apps/ declare. They outlive the stack: volumes of what Flux runs may live in them. */
export class Namespaces extends Component {
  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:kubernetes:Namespaces", name, opts);
    for (const { name: namespace, labels, annotations } of args.namespaces) {
      const metadata = takingOver({ name: namespace, labels, annotations });
      const options = { ...this.child, deletedWith: args.cluster };
      if (!builtInNamespaces.includes(namespace)) {
        new Namespace(`${name}-${namespace}`, { metadata }, { ...options, retainOnDelete: true });
      } else if (Object.keys({ ...labels, ...annotations }).length > 0) {
        new NamespacePatch(`${name}-${namespace}`, { metadata }, options);
      }
    }
    this.registerOutputs();
  }
}
