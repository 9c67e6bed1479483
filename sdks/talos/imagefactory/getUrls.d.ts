import * as pulumi from "@pulumi/pulumi";
import * as outputs from "../types/output";
/**
 * Tells where the images of a schematic lie, without asking the factory.
 */
export declare function getUrls(args: GetUrlsArgs, opts?: pulumi.InvokeOptions): Promise<GetUrlsResult>;
export interface GetUrlsArgs {
    /**
     * amd64 or arm64. amd64 by default.
     */
    architecture?: string;
    /**
     * Talos platform, for example metal.
     */
    platform?: string;
    /**
     * Name of a single-board computer, in place of a platform.
     */
    sbc?: string;
    /**
     * ID of a schematic that the factory knows.
     */
    schematicId: string;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion: string;
}
export interface GetUrlsResult {
    /**
     * amd64 or arm64. amd64 by default.
     */
    readonly architecture: string;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * Talos platform, for example metal.
     */
    readonly platform?: string;
    /**
     * Name of a single-board computer, in place of a platform.
     */
    readonly sbc?: string;
    /**
     * ID of a schematic that the factory knows.
     */
    readonly schematicId: string;
    /**
     * Talos release, for example v1.13.0.
     */
    readonly talosVersion: string;
    /**
     * Where each kind of image lies.
     */
    readonly urls: outputs.imageFactory.GetUrlsUrls;
}
/**
 * Tells where the images of a schematic lie, without asking the factory.
 */
export declare function getUrlsOutput(args: GetUrlsOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetUrlsResult>;
export interface GetUrlsOutputArgs {
    /**
     * amd64 or arm64. amd64 by default.
     */
    architecture?: pulumi.Input<string>;
    /**
     * Talos platform, for example metal.
     */
    platform?: pulumi.Input<string>;
    /**
     * Name of a single-board computer, in place of a platform.
     */
    sbc?: pulumi.Input<string>;
    /**
     * ID of a schematic that the factory knows.
     */
    schematicId: pulumi.Input<string>;
    /**
     * Talos release, for example v1.13.0.
     */
    talosVersion: pulumi.Input<string>;
}
