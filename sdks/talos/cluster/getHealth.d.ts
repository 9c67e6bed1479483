import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Waits until a cluster is healthy. It runs during preview as soon as its inputs are known.
 */
export declare function getHealth(args: GetHealthArgs, opts?: pulumi.InvokeOptions): Promise<GetHealthResult>;
export interface GetHealthArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: inputs.cluster.GetHealthClientConfiguration;
    /**
     * Addresses of the control plane nodes.
     */
    controlPlaneNodes: string[];
    /**
     * Addresses that talosctl dials.
     */
    endpoints: string[];
    /**
     * Look at Talos alone.
     */
    skipKubernetesChecks?: boolean;
    /**
     * How long to keep trying.
     */
    timeouts?: inputs.cluster.GetHealthTimeouts;
    /**
     * Addresses of the workers.
     */
    workerNodes?: string[];
}
export interface GetHealthResult {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: outputs.cluster.GetHealthClientConfiguration;
    /**
     * Addresses of the control plane nodes.
     */
    readonly controlPlaneNodes: string[];
    /**
     * Addresses that talosctl dials.
     */
    readonly endpoints: string[];
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * Look at Talos alone.
     */
    readonly skipKubernetesChecks?: boolean;
    /**
     * How long to keep trying.
     */
    readonly timeouts?: outputs.cluster.GetHealthTimeouts;
    /**
     * Addresses of the workers.
     */
    readonly workerNodes?: string[];
}
/**
 * Waits until a cluster is healthy. It runs during preview as soon as its inputs are known.
 */
export declare function getHealthOutput(args: GetHealthOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetHealthResult>;
export interface GetHealthOutputArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: pulumi.Input<inputs.cluster.GetHealthClientConfigurationArgs>;
    /**
     * Addresses of the control plane nodes.
     */
    controlPlaneNodes: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Addresses that talosctl dials.
     */
    endpoints: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Look at Talos alone.
     */
    skipKubernetesChecks?: pulumi.Input<boolean>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.cluster.GetHealthTimeoutsArgs>;
    /**
     * Addresses of the workers.
     */
    workerNodes?: pulumi.Input<pulumi.Input<string>[]>;
}
