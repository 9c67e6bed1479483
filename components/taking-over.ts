interface Metadata {
  annotations?: Record<string, string>;
}

/**
 * Metadata of an object that the stack has say over: where it is in the cluster already, the declared fields are taken from whoever set them. Otherwise one
 * that differs fails an `up`, after a preview that showed none of it, since the provider forces every create in a preview. Its owner may say "false".
 */
export function takingOver<M extends Metadata>(metadata: M): M & Required<Metadata> {
  return { ...metadata, annotations: { "pulumi.com/patchForce": "true", ...metadata.annotations } };
}
