import * as pulumi from "@pulumi/pulumi";
import { isAwaited, isKept } from "../cluster/kinds.ts";
import type { KubernetesObject } from "../cluster/kubernetes-object.ts";
import { isDefinition, isSecret } from "../cluster/manifests.ts";
import type { Release } from "../cluster/release.ts";
import { Component } from "./component.ts";
import { takingOver } from "./taking-over.ts";

export interface ManifestsArgs {
  objects: readonly KubernetesObject[];
  /** That of the release whose objects these are. Without one, they come before all releases. */
  lifecycle?: Release["lifecycle"];
  /** With which they vanish. */
  cluster: pulumi.Resource;
}

/** What every object of `lifecycle: bootstrap` keeps as it was made, beside the fields that it declares. */
const madeOnce = ["metadata", "spec", "data", "stringData"];

/** The objects of one folder of manifests, definitions before what they define. */
export class Manifests extends Component {
  constructor(name: string, args: ManifestsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:kubernetes:Manifests", name, opts);
    const left = args.lifecycle === "bootstrap";
    const make = (object: KubernetesObject, dependsOn: pulumi.CustomResourceOptions["dependsOn"]) => {
      const { apiVersion, kind, metadata } = object;
      const unique = [metadata.namespace, metadata.name].filter(Boolean).join("-");
      const own = left ? object : { ...object, metadata: takingOver(metadata) };
      return new ApiObject(`${name}-${apiVersion.replace("/", "-")}-${kind}-${unique}`, args.lifecycle ? own : unawaited(own), {
        ...this.child,
        dependsOn,
        deletedWith: args.cluster,
        retainOnDelete: left || isKept(object),
        ignoreChanges: left ? [...new Set([...madeOnce, ...fieldsOf(object)])] : [],
      });
    };
    const definitions = args.objects.filter(isDefinition).map((object) => make(object, this.child.dependsOn));
    const behind = definitions.length > 0 ? definitions : this.child.dependsOn;
    for (const object of args.objects.filter((each) => !isDefinition(each))) make(object, behind);
    this.registerOutputs();
  }
}

/** An object of any kind. Its type is the one that the SDK's class of the kind has, so that the provider knows it. */
class ApiObject extends pulumi.CustomResource {
  constructor(name: string, object: KubernetesObject, opts: pulumi.CustomResourceOptions) {
    const { apiVersion, kind } = object;
    const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
    const hidden = isSecret(object) ? ["data", "stringData"] : [];
    const inputs = Object.entries(object).map(([key, value]) => [key, hidden.includes(key) ? pulumi.secret(value) : value]);
    super(`kubernetes:${group}:${kind}`, name, Object.fromEntries(inputs), { ...opts, additionalSecretOutputs: hidden });
  }
}

/** Before the network nothing runs, is bound or gets an address: waiting for it would hold up the network itself. */
function unawaited(object: KubernetesObject): KubernetesObject {
  if (!isAwaited(object)) return object;
  const annotations = { ...object.metadata.annotations, "pulumi.com/skipAwait": "true" };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function fieldsOf(object: KubernetesObject): string[] {
  return Object.keys(object).filter((key) => key !== "apiVersion" && key !== "kind");
}
