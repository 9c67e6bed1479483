import { stringify } from "yaml";

/** A client certificate for the Kubernetes API, as Talos hands it out: base64 of PEM. */
export interface KubernetesCredentials {
  caCertificate: string;
  clientCertificate: string;
  clientKey: string;
}

/** A kubeconfig for one cluster under one address. */
export function kubeconfigFor(clusterName: string, server: string, credentials: KubernetesCredentials): string {
  const user = `admin@${clusterName}`;
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: clusterName, cluster: { server, "certificate-authority-data": credentials.caCertificate } }],
      users: [{ name: user, user: { "client-certificate-data": credentials.clientCertificate, "client-key-data": credentials.clientKey } }],
      contexts: [{ name: user, context: { cluster: clusterName, user } }],
      "current-context": user,
    },
    { lineWidth: 0 },
  );
}
