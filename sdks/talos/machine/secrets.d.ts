import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Makes the secrets of a new cluster and a client certificate for it. Its import ID is the path of a secrets.yaml.
 */
export declare class Secrets extends pulumi.CustomResource {
    /**
     * Get an existing Secrets resource's state with the given name, ID, and optional extra
     * properties used to qualify the lookup.
     *
     * @param name The _unique_ name of the resulting resource.
     * @param id The _unique_ provider ID of the resource to lookup.
     * @param state Any extra arguments used during the lookup.
     * @param opts Optional settings to control the behavior of the CustomResource.
     */
    static get(name: string, id: pulumi.Input<pulumi.ID>, state?: SecretsState, opts?: pulumi.CustomResourceOptions): Secrets;
    /** @internal */
    static readonly __pulumiType = "talos:machine/secrets:Secrets";
    /**
     * Returns true if the given object is an instance of Secrets.  This is designed to work even
     * when multiple copies of the Pulumi SDK have been loaded into the same process.
     */
    static isInstance(obj: any): obj is Secrets;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: pulumi.Output<outputs.machine.ClientConfiguration>;
    /**
     * The cluster's certificate authorities, keys and tokens.
     */
    readonly machineSecrets: pulumi.Output<outputs.machine.MachineSecrets>;
    /**
     * Talos release, for example v1.13.0.
     */
    readonly talosVersion: pulumi.Output<string>;
    /**
     * Create a Secrets resource with the given unique name, arguments, and options.
     *
     * @param name The _unique_ name of the resource.
     * @param args The arguments to use to populate this resource's properties.
     * @param opts A bag of options that control this resource's behavior.
     */
    constructor(name: string, args?: SecretsArgs, opts?: pulumi.CustomResourceOptions);
}
export interface SecretsState {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration?: pulumi.Input<inputs.machine.ClientConfiguration>;
    /**
     * The cluster's certificate authorities, keys and tokens.
     */
    machineSecrets?: pulumi.Input<inputs.machine.MachineSecretsArgs>;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion?: pulumi.Input<string>;
}
/**
 * The set of arguments for constructing a Secrets resource.
 */
export interface SecretsArgs {
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion?: pulumi.Input<string>;
}
