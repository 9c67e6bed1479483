import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Writes the machine configuration of one node.
 */
export declare function getConfiguration(args: GetConfigurationArgs, opts?: pulumi.InvokeOptions): Promise<GetConfigurationResult>;
export interface GetConfigurationArgs {
    /**
     * URL under which the Kubernetes API is reached, for example https://10.60.0.10:6443.
     */
    clusterEndpoint: string;
    /**
     * Name of the cluster.
     */
    clusterName: string;
    /**
     * Patches laid over the machine configuration in this order, each a YAML or JSON document.
     */
    configPatches?: string[];
    /**
     * Whether to explain the fields in comments. False by default.
     */
    docs?: boolean;
    /**
     * Whether to show unused fields in comments. False by default.
     */
    examples?: boolean;
    /**
     * Kubernetes release, with or without the leading v.
     */
    kubernetesVersion?: string;
    /**
     * The cluster's certificate authorities, keys and tokens.
     */
    machineSecrets: inputs.machine.MachineSecrets;
    /**
     * controlplane or worker.
     */
    machineType: string;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion?: string;
}
export interface GetConfigurationResult {
    /**
     * URL under which the Kubernetes API is reached, for example https://10.60.0.10:6443.
     */
    readonly clusterEndpoint: string;
    /**
     * Name of the cluster.
     */
    readonly clusterName: string;
    /**
     * Patches laid over the machine configuration in this order, each a YAML or JSON document.
     */
    readonly configPatches?: string[];
    /**
     * Whether to explain the fields in comments. False by default.
     */
    readonly docs?: boolean;
    /**
     * Whether to show unused fields in comments. False by default.
     */
    readonly examples?: boolean;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * Kubernetes release, with or without the leading v.
     */
    readonly kubernetesVersion?: string;
    /**
     * The machine configuration as YAML.
     */
    readonly machineConfiguration: string;
    /**
     * The cluster's certificate authorities, keys and tokens.
     */
    readonly machineSecrets: outputs.machine.MachineSecrets;
    /**
     * controlplane or worker.
     */
    readonly machineType: string;
    /**
     * Talos release, for example v1.13.0.
     */
    readonly talosVersion?: string;
}
/**
 * Writes the machine configuration of one node.
 */
export declare function getConfigurationOutput(args: GetConfigurationOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetConfigurationResult>;
export interface GetConfigurationOutputArgs {
    /**
     * URL under which the Kubernetes API is reached, for example https://10.60.0.10:6443.
     */
    clusterEndpoint: pulumi.Input<string>;
    /**
     * Name of the cluster.
     */
    clusterName: pulumi.Input<string>;
    /**
     * Patches laid over the machine configuration in this order, each a YAML or JSON document.
     */
    configPatches?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Whether to explain the fields in comments. False by default.
     */
    docs?: pulumi.Input<boolean>;
    /**
     * Whether to show unused fields in comments. False by default.
     */
    examples?: pulumi.Input<boolean>;
    /**
     * Kubernetes release, with or without the leading v.
     */
    kubernetesVersion?: pulumi.Input<string>;
    /**
     * The cluster's certificate authorities, keys and tokens.
     */
    machineSecrets: pulumi.Input<inputs.machine.MachineSecretsArgs>;
    /**
     * controlplane or worker.
     */
    machineType: pulumi.Input<string>;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion?: pulumi.Input<string>;
}
