import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { App } from "../cluster/apps.ts";

export interface HelmReleaseArgs {
  app: App;
  /** The chart's archive, below the project. */
  chart: string;
  /** With which it vanishes. */
  cluster: pulumi.Resource;
  /** By which a release is cleared that a killed run left pending. */
  kubeconfig: pulumi.Output<string>;
}

/** What a release of `lifecycle: bootstrap` keeps as it was installed. Each by its name: the provider does not take a wildcard for the version. */
const installedOnce = ["chart", "version", "values", "timeout", "skipCrds"];

/** One Helm release from a chart on this machine. */
export class HelmRelease extends pulumi.ComponentResource {
  constructor(name: string, args: HelmReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:kubernetes:HelmRelease", name, {}, opts);
    const { app, cluster, kubeconfig } = args;
    const left = app.lifecycle === "bootstrap";
    const unlock = new pulumi.ResourceHook(`${name}-clear-pending`, async () => {
      const { clearPendingRelease } = await import("./pending-release.ts");
      await clearPendingRelease(await known(kubeconfig), app);
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
        parent: this,
        deletedWith: cluster,
        retainOnDelete: left,
        ignoreChanges: left ? installedOnce : [],
        hooks: { beforeCreate: [unlock], beforeUpdate: [unlock] },
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
