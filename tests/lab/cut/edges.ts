/** The edges of the graph that the tests cut, each as what it does to the resource behind it. */
import type * as pulumi from "@pulumi/pulumi";

interface Registration {
  props: pulumi.Inputs;
  opts: pulumi.ResourceOptions;
}

type Cut = (type: string, registration: Registration) => void;

/** Takes from the resource of a type all it depends on that is of one of the classes. */
function without(type: string, ...classes: string[]): Cut {
  return (registered, { opts }) => {
    if (registered !== type) return;
    const before = ([] as unknown[]).concat(opts.dependsOn ?? []);
    const left = before.filter((dependency) => !classes.includes((dependency as object).constructor.name));
    if (left.length === before.length) throw new Error(`${type} depends on none of ${classes.join(", ")}: there is no edge to cut`);
    opts.dependsOn = left as pulumi.Resource[];
  };
}

const kubeconfigWaits = without("phoebe:cluster:Kubeconfig", "ApiReady");
const providerWaits = without("pulumi:providers:kubernetes", "ApiReady");

export const edges = {
  "apply to bootstrap": without("phoebe:cluster:Bootstrap", "NodeConfiguration"),
  "API to Cilium": (type, registration) => {
    kubeconfigWaits(type, registration);
    providerWaits(type, registration);
  },
  "CRDs to the release that uses them": without("phoebe:kubernetes:HelmRelease", "Crds"),
  "Cilium to endpoint": (type, { props }) => {
    // Cut by speaking to the endpoint, which Cilium announces, in place of the node.
    if (type !== "pulumi:providers:kubernetes") return;
    props.kubeconfig = (props.kubeconfig as pulumi.Output<string>).apply((text) =>
      text.replace(/server: .*/, `server: ${process.env.ENDPOINT}`),
    );
  },
} satisfies Record<string, Cut>;

export type Edge = keyof typeof edges;
