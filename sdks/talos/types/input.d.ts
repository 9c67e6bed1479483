import * as pulumi from "@pulumi/pulumi";
import * as inputs from "../types/input";
export declare namespace client {
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetConfigurationClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: string;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: string;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: string;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetConfigurationClientConfigurationArgs {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: pulumi.Input<string>;
    }
}
export declare namespace cluster {
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetHealthClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: string;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: string;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: string;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetHealthClientConfigurationArgs {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: pulumi.Input<string>;
    }
    /**
     * How long to keep trying.
     */
    interface GetHealthTimeouts {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: string;
    }
    /**
     * How long to keep trying.
     */
    interface GetHealthTimeoutsArgs {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: pulumi.Input<string>;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetKubeconfigClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: string;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: string;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: string;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetKubeconfigClientConfigurationArgs {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: pulumi.Input<string>;
    }
    /**
     * How long to keep trying.
     */
    interface GetKubeconfigTimeouts {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: string;
    }
    /**
     * How long to keep trying.
     */
    interface GetKubeconfigTimeoutsArgs {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: pulumi.Input<string>;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface KubeconfigClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: pulumi.Input<string>;
    }
    /**
     * A kubeconfig, taken apart.
     */
    interface KubeconfigKubernetesClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate?: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate?: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey?: pulumi.Input<string>;
        /**
         * URL of the Kubernetes API.
         */
        host?: pulumi.Input<string>;
    }
    /**
     * How long to keep trying.
     */
    interface KubeconfigTimeouts {
        /**
         * For a create, as a Go duration such as 10m.
         */
        create?: pulumi.Input<string>;
        /**
         * For an update, as a Go duration such as 10m.
         */
        update?: pulumi.Input<string>;
    }
}
export declare namespace imageFactory {
    /**
     * Names that have to match exactly.
     */
    interface GetExtensionsVersionsExactFilters {
        /**
         * Names to keep.
         */
        names?: string[];
    }
    /**
     * Names that have to match exactly.
     */
    interface GetExtensionsVersionsExactFiltersArgs {
        /**
         * Names to keep.
         */
        names?: pulumi.Input<pulumi.Input<string>[]>;
    }
    /**
     * What to keep of the answer.
     */
    interface GetExtensionsVersionsFilters {
        /**
         * Names to keep.
         */
        names?: string[];
    }
    /**
     * What to keep of the answer.
     */
    interface GetExtensionsVersionsFiltersArgs {
        /**
         * Names to keep.
         */
        names?: pulumi.Input<pulumi.Input<string>[]>;
    }
    /**
     * What to keep of the answer.
     */
    interface GetOverlaysVersionsFilters {
        /**
         * Name.
         */
        name?: string;
    }
    /**
     * What to keep of the answer.
     */
    interface GetOverlaysVersionsFiltersArgs {
        /**
         * Name.
         */
        name?: pulumi.Input<string>;
    }
    /**
     * What to keep of the answer.
     */
    interface GetVersionsFilters {
        /**
         * Leaves out alphas, betas and release candidates.
         */
        stableVersionsOnly?: boolean;
    }
    /**
     * What to keep of the answer.
     */
    interface GetVersionsFiltersArgs {
        /**
         * Leaves out alphas, betas and release candidates.
         */
        stableVersionsOnly?: pulumi.Input<boolean>;
    }
}
export declare namespace machine {
    /**
     * How long to keep trying.
     */
    interface BootstrapTimeouts {
        /**
         * For a create, as a Go duration such as 10m.
         */
        create?: pulumi.Input<string>;
    }
    /**
     * A certificate and its key.
     */
    interface Certificate {
        /**
         * Base64 of the PEM certificate.
         */
        cert: string;
        /**
         * Base64 of the PEM private key.
         */
        key: string;
    }
    /**
     * A certificate and its key.
     */
    interface CertificateArgs {
        /**
         * Base64 of the PEM certificate.
         */
        cert: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key.
         */
        key: pulumi.Input<string>;
    }
    /**
     * Certificate authorities and signing keys of a cluster.
     */
    interface Certificates {
        /**
         * Authority of etcd.
         */
        etcd: inputs.machine.Certificate;
        /**
         * Authority of Kubernetes.
         */
        k8s: inputs.machine.Certificate;
        /**
         * Authority of the API aggregation layer.
         */
        k8sAggregator: inputs.machine.Certificate;
        /**
         * Key that signs service account tokens.
         */
        k8sServiceaccount: inputs.machine.Key;
        /**
         * Authority of the Talos API.
         */
        os: inputs.machine.Certificate;
    }
    /**
     * Certificate authorities and signing keys of a cluster.
     */
    interface CertificatesArgs {
        /**
         * Authority of etcd.
         */
        etcd: pulumi.Input<inputs.machine.CertificateArgs>;
        /**
         * Authority of Kubernetes.
         */
        k8s: pulumi.Input<inputs.machine.CertificateArgs>;
        /**
         * Authority of the API aggregation layer.
         */
        k8sAggregator: pulumi.Input<inputs.machine.CertificateArgs>;
        /**
         * Key that signs service account tokens.
         */
        k8sServiceaccount: pulumi.Input<inputs.machine.KeyArgs>;
        /**
         * Authority of the Talos API.
         */
        os: pulumi.Input<inputs.machine.CertificateArgs>;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface ClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: pulumi.Input<string>;
    }
    /**
     * Identity of a cluster.
     */
    interface Cluster {
        /**
         * This answer's ID.
         */
        id: string;
        /**
         * Secret by which members recognize each other.
         */
        secret: string;
    }
    /**
     * Identity of a cluster.
     */
    interface ClusterArgs {
        /**
         * This answer's ID.
         */
        id: pulumi.Input<string>;
        /**
         * Secret by which members recognize each other.
         */
        secret: pulumi.Input<string>;
    }
    /**
     * What a delete does to the machine.
     */
    interface ConfigurationApplyOnDestroy {
        /**
         * Leave etcd and drain the node first.
         */
        graceful?: pulumi.Input<boolean>;
        /**
         * Start again when wiped, instead of powering off.
         */
        reboot?: pulumi.Input<boolean>;
        /**
         * Wipe the machine.
         */
        reset?: pulumi.Input<boolean>;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetDisksClientConfiguration {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: string;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: string;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: string;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface GetDisksClientConfigurationArgs {
        /**
         * Base64 of the PEM certificate authority that signed the server.
         */
        caCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM client certificate.
         */
        clientCertificate: pulumi.Input<string>;
        /**
         * Base64 of the PEM private key that belongs to the client certificate.
         */
        clientKey: pulumi.Input<string>;
    }
    /**
     * How long to keep trying.
     */
    interface GetDisksTimeouts {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: string;
    }
    /**
     * How long to keep trying.
     */
    interface GetDisksTimeoutsArgs {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: pulumi.Input<string>;
    }
    /**
     * A private key.
     */
    interface Key {
        /**
         * Base64 of the PEM private key.
         */
        key: string;
    }
    /**
     * A private key.
     */
    interface KeyArgs {
        /**
         * Base64 of the PEM private key.
         */
        key: pulumi.Input<string>;
    }
    /**
     * Secrets of Kubernetes.
     */
    interface KubernetesSecrets {
        /**
         * Key that etcd's secrets were encrypted with formerly (AES-CBC).
         */
        aescbcEncryptionSecret?: string;
        /**
         * Token with which a kubelet joins.
         */
        bootstrapToken: string;
        /**
         * Key that etcd's secrets are encrypted with (secretbox).
         */
        secretboxEncryptionSecret: string;
    }
    /**
     * Secrets of Kubernetes.
     */
    interface KubernetesSecretsArgs {
        /**
         * Key that etcd's secrets were encrypted with formerly (AES-CBC).
         */
        aescbcEncryptionSecret?: pulumi.Input<string>;
        /**
         * Token with which a kubelet joins.
         */
        bootstrapToken: pulumi.Input<string>;
        /**
         * Key that etcd's secrets are encrypted with (secretbox).
         */
        secretboxEncryptionSecret: pulumi.Input<string>;
    }
    /**
     * All secrets of a cluster.
     */
    interface MachineSecrets {
        /**
         * Certificate authorities and signing keys.
         */
        certs: inputs.machine.Certificates;
        /**
         * Identity of the cluster.
         */
        cluster: inputs.machine.Cluster;
        /**
         * What Kubernetes encrypts and lets nodes join with.
         */
        secrets: inputs.machine.KubernetesSecrets;
        /**
         * What workers ask for their certificate with.
         */
        trustdinfo: inputs.machine.TrustdInfo;
    }
    /**
     * All secrets of a cluster.
     */
    interface MachineSecretsArgs {
        /**
         * Certificate authorities and signing keys.
         */
        certs: pulumi.Input<inputs.machine.CertificatesArgs>;
        /**
         * Identity of the cluster.
         */
        cluster: pulumi.Input<inputs.machine.ClusterArgs>;
        /**
         * What Kubernetes encrypts and lets nodes join with.
         */
        secrets: pulumi.Input<inputs.machine.KubernetesSecretsArgs>;
        /**
         * What workers ask for their certificate with.
         */
        trustdinfo: pulumi.Input<inputs.machine.TrustdInfoArgs>;
    }
    /**
     * How long to keep trying.
     */
    interface Timeout {
        /**
         * For a create, as a Go duration such as 10m.
         */
        create?: pulumi.Input<string>;
        /**
         * For a delete, as a Go duration such as 10m.
         */
        delete?: pulumi.Input<string>;
        /**
         * For an update, as a Go duration such as 10m.
         */
        update?: pulumi.Input<string>;
    }
    /**
     * Secret of trustd.
     */
    interface TrustdInfo {
        /**
         * Join token of the machines.
         */
        token: string;
    }
    /**
     * Secret of trustd.
     */
    interface TrustdInfoArgs {
        /**
         * Join token of the machines.
         */
        token: pulumi.Input<string>;
    }
}
