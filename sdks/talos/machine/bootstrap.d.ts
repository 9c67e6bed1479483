import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Starts etcd on the first control plane node, once in the life of a cluster.
 */
export declare class Bootstrap extends pulumi.CustomResource {
    /**
     * Get an existing Bootstrap resource's state with the given name, ID, and optional extra
     * properties used to qualify the lookup.
     *
     * @param name The _unique_ name of the resulting resource.
     * @param id The _unique_ provider ID of the resource to lookup.
     * @param state Any extra arguments used during the lookup.
     * @param opts Optional settings to control the behavior of the CustomResource.
     */
    static get(name: string, id: pulumi.Input<pulumi.ID>, state?: BootstrapState, opts?: pulumi.CustomResourceOptions): Bootstrap;
    /** @internal */
    static readonly __pulumiType = "talos:machine/bootstrap:Bootstrap";
    /**
     * Returns true if the given object is an instance of Bootstrap.  This is designed to work even
     * when multiple copies of the Pulumi SDK have been loaded into the same process.
     */
    static isInstance(obj: any): obj is Bootstrap;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: pulumi.Output<outputs.machine.ClientConfiguration | undefined>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    readonly endpoint: pulumi.Output<string>;
    /**
     * Address or name of the machine that the call is for.
     */
    readonly node: pulumi.Output<string>;
    /**
     * How long to keep trying.
     */
    readonly timeouts: pulumi.Output<outputs.machine.BootstrapTimeouts | undefined>;
    /**
     * Create a Bootstrap resource with the given unique name, arguments, and options.
     *
     * @param name The _unique_ name of the resource.
     * @param args The arguments to use to populate this resource's properties.
     * @param opts A bag of options that control this resource's behavior.
     */
    constructor(name: string, args: BootstrapArgs, opts?: pulumi.CustomResourceOptions);
}
export interface BootstrapState {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration?: pulumi.Input<inputs.machine.ClientConfiguration>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: pulumi.Input<string>;
    /**
     * Address or name of the machine that the call is for.
     */
    node?: pulumi.Input<string>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.machine.BootstrapTimeouts>;
}
/**
 * The set of arguments for constructing a Bootstrap resource.
 */
export interface BootstrapArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration?: pulumi.Input<inputs.machine.ClientConfiguration>;
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
    timeouts?: pulumi.Input<inputs.machine.BootstrapTimeouts>;
}
