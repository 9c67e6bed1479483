import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Asks the Image Factory which overlays it has for a Talos release.
 */
export declare function getOverlaysVersions(args: GetOverlaysVersionsArgs, opts?: pulumi.InvokeOptions): Promise<GetOverlaysVersionsResult>;
export interface GetOverlaysVersionsArgs {
    /**
     * Keeps only what matches.
     */
    filters?: inputs.imageFactory.GetOverlaysVersionsFilters;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion: string;
}
export interface GetOverlaysVersionsResult {
    /**
     * Keeps only what matches.
     */
    readonly filters?: outputs.imageFactory.GetOverlaysVersionsFilters;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * The overlays offered for this release.
     */
    readonly overlaysInfos: outputs.imageFactory.GetOverlaysVersionsOverlaysInfo[];
    /**
     * Talos release, for example v1.13.0.
     */
    readonly talosVersion: string;
}
/**
 * Asks the Image Factory which overlays it has for a Talos release.
 */
export declare function getOverlaysVersionsOutput(args: GetOverlaysVersionsOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetOverlaysVersionsResult>;
export interface GetOverlaysVersionsOutputArgs {
    /**
     * Keeps only what matches.
     */
    filters?: pulumi.Input<inputs.imageFactory.GetOverlaysVersionsFiltersArgs>;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion: pulumi.Input<string>;
}
