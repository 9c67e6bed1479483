/**
 * Image Factory to use. https://factory.talos.dev by default.
 */
export declare const imageFactoryUrl: string | undefined;
