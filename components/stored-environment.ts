import * as pulumi from "@pulumi/pulumi";

/** A Command's environment in the state, as a hook is given it. With one secret in it, the whole comes as an Output; a stored one is always known. */
export function storedEnvironment(oldInputs: pulumi.ResourceHookArgs["oldInputs"]): Promise<Partial<Record<string, string>>> {
  return new Promise((resolve) => pulumi.unsecret(pulumi.output(oldInputs?.environment ?? {})).apply(resolve));
}
