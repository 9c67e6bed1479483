import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Fetches the administrator's kubeconfig from a control plane node.
 */
export declare function getKubeconfig(args: GetKubeconfigArgs, opts?: pulumi.InvokeOptions): Promise<GetKubeconfigResult>;
export interface GetKubeconfigArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: inputs.cluster.GetKubeconfigClientConfiguration;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: string;
    /**
     * Address or name of the machine that the call is for.
     */
    node: string;
    /**
     * How long to keep trying.
     */
    timeouts?: inputs.cluster.GetKubeconfigTimeouts;
}
export interface GetKubeconfigResult {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: outputs.cluster.GetKubeconfigClientConfiguration;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    readonly endpoint: string;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * The kubeconfig as YAML.
     */
    readonly kubeconfigRaw: string;
    /**
     * The same kubeconfig, taken apart.
     */
    readonly kubernetesClientConfiguration: outputs.cluster.GetKubeconfigKubernetesClientConfiguration;
    /**
     * Address or name of the machine that the call is for.
     */
    readonly node: string;
    /**
     * How long to keep trying.
     */
    readonly timeouts?: outputs.cluster.GetKubeconfigTimeouts;
}
/**
 * Fetches the administrator's kubeconfig from a control plane node.
 */
export declare function getKubeconfigOutput(args: GetKubeconfigOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetKubeconfigResult>;
export interface GetKubeconfigOutputArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: pulumi.Input<inputs.cluster.GetKubeconfigClientConfigurationArgs>;
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
    timeouts?: pulumi.Input<inputs.cluster.GetKubeconfigTimeoutsArgs>;
}
