import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Asks the Image Factory which system extensions it has for a Talos release.
 */
export declare function getExtensionsVersions(args: GetExtensionsVersionsArgs, opts?: pulumi.InvokeOptions): Promise<GetExtensionsVersionsResult>;
export interface GetExtensionsVersionsArgs {
    /**
     * Keeps only what has exactly one of these names.
     */
    exactFilters?: inputs.imageFactory.GetExtensionsVersionsExactFilters;
    /**
     * Keeps only what matches.
     */
    filters?: inputs.imageFactory.GetExtensionsVersionsFilters;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion: string;
}
export interface GetExtensionsVersionsResult {
    /**
     * Keeps only what has exactly one of these names.
     */
    readonly exactFilters?: outputs.imageFactory.GetExtensionsVersionsExactFilters;
    /**
     * The system extensions offered for this release.
     */
    readonly extensionsInfos: outputs.imageFactory.GetExtensionsVersionsExtensionsInfo[];
    /**
     * Keeps only what matches.
     */
    readonly filters?: outputs.imageFactory.GetExtensionsVersionsFilters;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * Talos release, for example v1.13.0.
     */
    readonly talosVersion: string;
}
/**
 * Asks the Image Factory which system extensions it has for a Talos release.
 */
export declare function getExtensionsVersionsOutput(args: GetExtensionsVersionsOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetExtensionsVersionsResult>;
export interface GetExtensionsVersionsOutputArgs {
    /**
     * Keeps only what has exactly one of these names.
     */
    exactFilters?: pulumi.Input<inputs.imageFactory.GetExtensionsVersionsExactFiltersArgs>;
    /**
     * Keeps only what matches.
     */
    filters?: pulumi.Input<inputs.imageFactory.GetExtensionsVersionsFiltersArgs>;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion: pulumi.Input<string>;
}
