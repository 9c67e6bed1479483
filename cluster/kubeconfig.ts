import { parse, stringify } from "yaml";

/** A client certificate for the Kubernetes API, as Talos hands it out: base64 of PEM. */
export interface KubernetesCredentials {
  caCertificate: string;
  clientCertificate: string;
  clientKey: string;
}

/** An API server, such as https://10.60.0.10:6443, and how it lets a client in. */
export interface ApiAccess {
  url: string;
  credentials: KubernetesCredentials;
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

/**
 * The client certificate in a kubeconfig of one cluster, as Talos hands it out.
 * @throws where it is none; the message quotes nothing of it
 */
export function credentialsIn(kubeconfig: string): KubernetesCredentials {
  const { clusters, users } = parsed(kubeconfig);
  const caCertificate = clusters?.[0]?.cluster?.["certificate-authority-data"];
  const { "client-certificate-data": clientCertificate, "client-key-data": clientKey } = users?.[0]?.user ?? {};
  if (!caCertificate || !clientCertificate || !clientKey) throw new Error("the kubeconfig holds no client certificate");
  return { caCertificate, clientCertificate, clientKey };
}

interface Kubeconfig {
  clusters?: { cluster?: Record<string, string> }[];
  users?: { user?: Record<string, string> }[];
}

function parsed(kubeconfig: string): Kubeconfig {
  try {
    return (parse(kubeconfig) as Kubeconfig | null) ?? {};
  } catch {
    return {}; // the parser's message would quote it
  }
}
