import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Asks the Image Factory which Talos releases it offers.
 */
export declare function getVersions(args?: GetVersionsArgs, opts?: pulumi.InvokeOptions): Promise<GetVersionsResult>;
export interface GetVersionsArgs {
    /**
     * Keeps only what matches.
     */
    filters?: inputs.imageFactory.GetVersionsFilters;
}
export interface GetVersionsResult {
    /**
     * Keeps only what matches.
     */
    readonly filters?: outputs.imageFactory.GetVersionsFilters;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * The Talos releases that the factory offers.
     */
    readonly talosVersions: string[];
}
/**
 * Asks the Image Factory which Talos releases it offers.
 */
export declare function getVersionsOutput(args?: GetVersionsOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetVersionsResult>;
export interface GetVersionsOutputArgs {
    /**
     * Keeps only what matches.
     */
    filters?: pulumi.Input<inputs.imageFactory.GetVersionsFiltersArgs>;
}
