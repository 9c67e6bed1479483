import * as pulumi from "@pulumi/pulumi";

/**
 * A component whose `dependsOn` and `provider` bind its resources instead of itself.
 *
 * With PULUMI_CONTINUE_ON_ERROR the engine skips what depends on something that failed. A skipped component still tells its outputs, which
 * the engine takes for an error that ends the whole run: then one bad worker would hold up everything. A skipped resource is just skipped.
 *
 * And a component is registered behind its provider: those in the cluster would all come when its API is ready, and everything waits for what comes next.
 */
export abstract class Component extends pulumi.ComponentResource {
  /** Options of every resource in it. */
  protected readonly child: pulumi.CustomResourceOptions;

  constructor(type: string, name: string, { dependsOn, provider, ...opts }: pulumi.ComponentResourceOptions = {}) {
    super(type, name, {}, opts);
    this.child = { parent: this, dependsOn, provider };
  }
}
