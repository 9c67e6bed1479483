/** The edges of the graph that the tests cut, each as what it does to the resource behind it. */
import type * as pulumi from "@pulumi/pulumi";

interface Registration {
  props: pulumi.Inputs;
  opts: pulumi.ResourceOptions;
}

type Cut = (type: string, registration: Registration) => void;

/** Takes from the resources of a component, or from a provider, all they depend on that is of one of the classes. */
function without(owner: string, ...classes: string[]): Cut {
  return (type, { opts }) => {
    if (type !== owner && opts.parent?.constructor.name !== owner) return;
    const before = ([] as unknown[]).concat(opts.dependsOn ?? []);
    const left = before.filter((dependency) => !classes.includes((dependency as object).constructor.name));
    if (left.length === before.length) throw new Error(`${owner} depends on none of ${classes.join(", ")}: there is no edge to cut`);
    opts.dependsOn = left as pulumi.Resource[];
  };
}

const kubeconfigWaits = without("Kubeconfig", "ApiReady");
const providerWaits = without("pulumi:providers:kubernetes", "ApiReady");

export const edges = {
  "apply to bootstrap": without("Bootstrap", "NodeConfiguration"),
  "API to Cilium": (type, registration) => {
    kubeconfigWaits(type, registration);
    providerWaits(type, registration);
  },
  "CRDs to the release that uses them": without("HelmRelease", "Crds"),
  "Cilium to endpoint": (type, { props }) => {
    // Cut by speaking to the endpoint in place of the node: Cilium holds it once it runs and the Service for it is made, through the provider.
    if (type !== "pulumi:providers:kubernetes") return;
    props.kubeconfig = (props.kubeconfig as pulumi.Output<string>).apply((text) =>
      text.replace(/server: .*/, `server: ${process.env.ENDPOINT}`),
    );
  },
} satisfies Record<string, Cut>;

export type Edge = keyof typeof edges;
