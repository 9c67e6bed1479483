import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Writes a talosconfig.
 */
export declare function getConfiguration(args: GetConfigurationArgs, opts?: pulumi.InvokeOptions): Promise<GetConfigurationResult>;
export interface GetConfigurationArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: inputs.client.GetConfigurationClientConfiguration;
    /**
     * Name of the cluster.
     */
    clusterName: string;
    /**
     * Addresses that talosctl dials.
     */
    endpoints?: string[];
    /**
     * Machines that talosctl speaks to when none is named.
     */
    nodes?: string[];
}
export interface GetConfigurationResult {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: outputs.client.GetConfigurationClientConfiguration;
    /**
     * Name of the cluster.
     */
    readonly clusterName: string;
    /**
     * Addresses that talosctl dials.
     */
    readonly endpoints?: string[];
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * Machines that talosctl speaks to when none is named.
     */
    readonly nodes?: string[];
    /**
     * The talosconfig as YAML.
     */
    readonly talosConfig: string;
}
/**
 * Writes a talosconfig.
 */
export declare function getConfigurationOutput(args: GetConfigurationOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetConfigurationResult>;
export interface GetConfigurationOutputArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: pulumi.Input<inputs.client.GetConfigurationClientConfigurationArgs>;
    /**
     * Name of the cluster.
     */
    clusterName: pulumi.Input<string>;
    /**
     * Addresses that talosctl dials.
     */
    endpoints?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Machines that talosctl speaks to when none is named.
     */
    nodes?: pulumi.Input<pulumi.Input<string>[]>;
}
