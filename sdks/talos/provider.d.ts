import * as pulumi from "@pulumi/pulumi";
/**
 * Speaks to Talos machines and to the Image Factory.
 */
export declare class Provider extends pulumi.ProviderResource {
    /** @internal */
    static readonly __pulumiType = "talos";
    /**
     * Returns true if the given object is an instance of Provider.  This is designed to work even
     * when multiple copies of the Pulumi SDK have been loaded into the same process.
     */
    static isInstance(obj: any): obj is Provider;
    /**
     * Image Factory to use. https://factory.talos.dev by default.
     */
    readonly imageFactoryUrl: pulumi.Output<string | undefined>;
    /**
     * Create a Provider resource with the given unique name, arguments, and options.
     *
     * @param name The _unique_ name of the resource.
     * @param args The arguments to use to populate this resource's properties.
     * @param opts A bag of options that control this resource's behavior.
     */
    constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions);
}
/**
 * The set of arguments for constructing a Provider resource.
 */
export interface ProviderArgs {
    /**
     * Image Factory to use. https://factory.talos.dev by default.
     */
    imageFactoryUrl?: pulumi.Input<string>;
}
