import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Hands a machine its configuration: over the unauthenticated API while it is in maintenance mode, with the client certificate afterwards.
 */
export declare class ConfigurationApply extends pulumi.CustomResource {
    /**
     * Get an existing ConfigurationApply resource's state with the given name, ID, and optional extra
     * properties used to qualify the lookup.
     *
     * @param name The _unique_ name of the resulting resource.
     * @param id The _unique_ provider ID of the resource to lookup.
     * @param state Any extra arguments used during the lookup.
     * @param opts Optional settings to control the behavior of the CustomResource.
     */
    static get(name: string, id: pulumi.Input<pulumi.ID>, state?: ConfigurationApplyState, opts?: pulumi.CustomResourceOptions): ConfigurationApply;
    /** @internal */
    static readonly __pulumiType = "talos:machine/configurationApply:ConfigurationApply";
    /**
     * Returns true if the given object is an instance of ConfigurationApply.  This is designed to work even
     * when multiple copies of the Pulumi SDK have been loaded into the same process.
     */
    static isInstance(obj: any): obj is ConfigurationApply;
    /**
     * auto, reboot, no_reboot, staged or staged_if_needing_reboot. auto by default.
     */
    readonly applyMode: pulumi.Output<string>;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: pulumi.Output<outputs.machine.ClientConfiguration | undefined>;
    /**
     * Patches laid over the machine configuration in this order, each a YAML or JSON document.
     */
    readonly configPatches: pulumi.Output<string[] | undefined>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    readonly endpoint: pulumi.Output<string>;
    /**
     * The machine configuration as YAML.
     */
    readonly machineConfiguration: pulumi.Output<string>;
    /**
     * Digest of the machine configuration that was applied. Not a secret: it tells that a configuration changed, not what it says.
     */
    readonly machineConfigurationHash: pulumi.Output<string>;
    /**
     * The machine configuration to apply, before this resource's own patches.
     */
    readonly machineConfigurationInput: pulumi.Output<string | undefined>;
    /**
     * Address or name of the machine that the call is for.
     */
    readonly node: pulumi.Output<string>;
    /**
     * What is done to the machine when this resource is deleted. Nothing by default.
     */
    readonly onDestroy: pulumi.Output<outputs.machine.ConfigurationApplyOnDestroy | undefined>;
    /**
     * The mode that was used in the end.
     */
    readonly resolvedApplyMode: pulumi.Output<string>;
    /**
     * How long to keep trying.
     */
    readonly timeouts: pulumi.Output<outputs.machine.Timeout | undefined>;
    /**
     * Create a ConfigurationApply resource with the given unique name, arguments, and options.
     *
     * @param name The _unique_ name of the resource.
     * @param args The arguments to use to populate this resource's properties.
     * @param opts A bag of options that control this resource's behavior.
     */
    constructor(name: string, args: ConfigurationApplyArgs, opts?: pulumi.CustomResourceOptions);
}
export interface ConfigurationApplyState {
    /**
     * auto, reboot, no_reboot, staged or staged_if_needing_reboot. auto by default.
     */
    applyMode?: pulumi.Input<string>;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration?: pulumi.Input<inputs.machine.ClientConfiguration>;
    /**
     * Patches laid over the machine configuration in this order, each a YAML or JSON document.
     */
    configPatches?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: pulumi.Input<string>;
    /**
     * The machine configuration as YAML.
     */
    machineConfiguration?: pulumi.Input<string>;
    /**
     * Digest of the machine configuration that was applied. Not a secret: it tells that a configuration changed, not what it says.
     */
    machineConfigurationHash?: pulumi.Input<string>;
    /**
     * The machine configuration to apply, before this resource's own patches.
     */
    machineConfigurationInput?: pulumi.Input<string>;
    /**
     * Address or name of the machine that the call is for.
     */
    node?: pulumi.Input<string>;
    /**
     * What is done to the machine when this resource is deleted. Nothing by default.
     */
    onDestroy?: pulumi.Input<inputs.machine.ConfigurationApplyOnDestroy>;
    /**
     * The mode that was used in the end.
     */
    resolvedApplyMode?: pulumi.Input<string>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.machine.Timeout>;
}
/**
 * The set of arguments for constructing a ConfigurationApply resource.
 */
export interface ConfigurationApplyArgs {
    /**
     * auto, reboot, no_reboot, staged or staged_if_needing_reboot. auto by default.
     */
    applyMode?: pulumi.Input<string>;
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration?: pulumi.Input<inputs.machine.ClientConfiguration>;
    /**
     * Patches laid over the machine configuration in this order, each a YAML or JSON document.
     */
    configPatches?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: pulumi.Input<string>;
    /**
     * The machine configuration to apply, before this resource's own patches.
     */
    machineConfigurationInput?: pulumi.Input<string>;
    /**
     * Address or name of the machine that the call is for.
     */
    node: pulumi.Input<string>;
    /**
     * What is done to the machine when this resource is deleted. Nothing by default.
     */
    onDestroy?: pulumi.Input<inputs.machine.ConfigurationApplyOnDestroy>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.machine.Timeout>;
}
