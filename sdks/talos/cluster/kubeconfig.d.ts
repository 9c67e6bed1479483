import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Fetches the administrator's kubeconfig from a control plane node and keeps it until its certificate comes near its end.
 */
export declare class Kubeconfig extends pulumi.CustomResource {
    /**
     * Get an existing Kubeconfig resource's state with the given name, ID, and optional extra
     * properties used to qualify the lookup.
     *
     * @param name The _unique_ name of the resulting resource.
     * @param id The _unique_ provider ID of the resource to lookup.
     * @param state Any extra arguments used during the lookup.
     * @param opts Optional settings to control the behavior of the CustomResource.
     */
    static get(name: string, id: pulumi.Input<pulumi.ID>, state?: KubeconfigState, opts?: pulumi.CustomResourceOptions): Kubeconfig;
    /** @internal */
    static readonly __pulumiType = "talos:cluster/kubeconfig:Kubeconfig";
    /**
     * Returns true if the given object is an instance of Kubeconfig.  This is designed to work even
     * when multiple copies of the Pulumi SDK have been loaded into the same process.
     */
    static isInstance(obj: any): obj is Kubeconfig;
    /**
     * An update fetches the kubeconfig again when less than this is left of its certificate. 720h by default.
     */
    readonly certificateRenewalDuration: pulumi.Output<string>;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: pulumi.Output<outputs.cluster.KubeconfigClientConfiguration>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    readonly endpoint: pulumi.Output<string>;
    /**
     * The kubeconfig as YAML.
     */
    readonly kubeconfigRaw: pulumi.Output<string>;
    /**
     * The same kubeconfig, taken apart.
     */
    readonly kubernetesClientConfiguration: pulumi.Output<outputs.cluster.KubeconfigKubernetesClientConfiguration>;
    /**
     * Address or name of the machine that the call is for.
     */
    readonly node: pulumi.Output<string>;
    /**
     * How long to keep trying.
     */
    readonly timeouts: pulumi.Output<outputs.cluster.KubeconfigTimeouts | undefined>;
    /**
     * Create a Kubeconfig resource with the given unique name, arguments, and options.
     *
     * @param name The _unique_ name of the resource.
     * @param args The arguments to use to populate this resource's properties.
     * @param opts A bag of options that control this resource's behavior.
     */
    constructor(name: string, args: KubeconfigArgs, opts?: pulumi.CustomResourceOptions);
}
export interface KubeconfigState {
    /**
     * An update fetches the kubeconfig again when less than this is left of its certificate. 720h by default.
     */
    certificateRenewalDuration?: pulumi.Input<string>;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration?: pulumi.Input<inputs.cluster.KubeconfigClientConfiguration>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: pulumi.Input<string>;
    /**
     * The kubeconfig as YAML.
     */
    kubeconfigRaw?: pulumi.Input<string>;
    /**
     * The same kubeconfig, taken apart.
     */
    kubernetesClientConfiguration?: pulumi.Input<inputs.cluster.KubeconfigKubernetesClientConfiguration>;
    /**
     * Address or name of the machine that the call is for.
     */
    node?: pulumi.Input<string>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.cluster.KubeconfigTimeouts>;
}
/**
 * The set of arguments for constructing a Kubeconfig resource.
 */
export interface KubeconfigArgs {
    /**
     * An update fetches the kubeconfig again when less than this is left of its certificate. 720h by default.
     */
    certificateRenewalDuration?: pulumi.Input<string>;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: pulumi.Input<inputs.cluster.KubeconfigClientConfiguration>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: pulumi.Input<string>;
    /**
     * Address or name of the machine that the call is for.
     */
    node: pulumi.Input<string>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.cluster.KubeconfigTimeouts>;
}
