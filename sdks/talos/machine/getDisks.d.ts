import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
import * as outputs from "../types/output";
/**
 * Asks a machine for its disks.
 */
export declare function getDisks(args: GetDisksArgs, opts?: pulumi.InvokeOptions): Promise<GetDisksResult>;
export interface GetDisksArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: inputs.machine.GetDisksClientConfiguration;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: string;
    /**
     * Address or name of the machine that the call is for.
     */
    node: string;
    /**
     * CEL expression that a disk has to satisfy.
     */
    selector?: string;
    /**
     * How long to keep trying.
     */
    timeouts?: inputs.machine.GetDisksTimeouts;
}
export interface GetDisksResult {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    readonly clientConfiguration: outputs.machine.GetDisksClientConfiguration;
    /**
     * The disks of the machine.
     */
    readonly disks: outputs.machine.GetDisksDisk[];
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    readonly endpoint: string;
    /**
     * This answer's ID.
     */
    readonly id: string;
    /**
     * Address or name of the machine that the call is for.
     */
    readonly node: string;
    /**
     * CEL expression that a disk has to satisfy.
     */
    readonly selector?: string;
    /**
     * How long to keep trying.
     */
    readonly timeouts?: outputs.machine.GetDisksTimeouts;
}
/**
 * Asks a machine for its disks.
 */
export declare function getDisksOutput(args: GetDisksOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetDisksResult>;
export interface GetDisksOutputArgs {
    /**
     * Whom to trust and who we are, when a Talos machine is spoken to.
     */
    clientConfiguration: pulumi.Input<inputs.machine.GetDisksClientConfigurationArgs>;
    /**
     * Address that is dialled; the node itself where it is left out.
     */
    endpoint?: pulumi.Input<string>;
    /**
     * Address or name of the machine that the call is for.
     */
    node: pulumi.Input<string>;
    /**
     * CEL expression that a disk has to satisfy.
     */
    selector?: pulumi.Input<string>;
    /**
     * How long to keep trying.
     */
    timeouts?: pulumi.Input<inputs.machine.GetDisksTimeoutsArgs>;
}
