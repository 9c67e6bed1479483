import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { DeclaredApp } from "../cluster/declaration.ts";
import { Component } from "./component.ts";

export interface HelmReleaseArgs {
  app: DeclaredApp;
  /** The chart's archive, below the project. */
  chart: string;
  /** With which it vanishes. */
  cluster: pulumi.Resource;
  /** By which is cleared what a killed run left of the release. */
  kubeconfig: pulumi.Output<string>;
}

/** What a release of `lifecycle: bootstrap` keeps as it was installed. Each by its name: the provider does not take a wildcard for the version. */
const installedOnce = ["chart", "version", "values", "timeout", "skipCrds"];

/** What Helm keeps no record of: an imported release has the provider's own values, and they stay, since a change of them would be an upgrade. */
const unrecorded = ["timeout", "skipCrds"];

/** One Helm release from a chart on this machine. */
export class HelmRelease extends Component {
  constructor(name: string, args: HelmReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:kubernetes:HelmRelease", name, opts);
    const { app, cluster, kubeconfig } = args;
    const left = app.lifecycle === "bootstrap";
    const clear = (operation: "create" | "update") =>
      new pulumi.ResourceHook(`${name}-clear-before-${operation}`, async () => {
        const { clearInterrupted } = await import("./interrupted-release.ts");
        await clearInterrupted(operation, await known(kubeconfig), app);
      });
    new Release(
      `${name}-helm`,
      {
        name: app.name,
        namespace: app.namespace,
        chart: args.chart,
        version: app.version,
        values: app.values,
        timeout: app.timeout,
        skipCrds: app.crds,
      },
      {
        ...this.child,
        deletedWith: cluster,
        retainOnDelete: left,
        // Once it is in the state, the ID changes nothing any more.
        import: app.adopted?.id,
        ignoreChanges: [...(left ? installedOnce : []), ...(app.adopted && !left ? unrecorded : [])],
        hooks: { beforeCreate: [clear("create")], beforeUpdate: [clear("update")] },
      },
    );
    this.registerOutputs();
  }
}

/** An output's value. Hooks run in an up, behind the provider that was made from the same output, so it is known. */
function known(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
