import * as outputs from "../types/output";
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
     * How long to keep trying.
     */
    interface GetHealthTimeouts {
        /**
         * For the read, as a Go duration such as 10m.
         */
        read?: string;
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
     * A kubeconfig, taken apart.
     */
    interface GetKubeconfigKubernetesClientConfiguration {
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
        /**
         * URL of the Kubernetes API.
         */
        host: string;
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
     * A client certificate and the authority of the servers it is for.
     */
    interface KubeconfigClientConfiguration {
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
     * A kubeconfig, taken apart.
     */
    interface KubeconfigKubernetesClientConfiguration {
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
        /**
         * URL of the Kubernetes API.
         */
        host: string;
    }
    /**
     * How long to keep trying.
     */
    interface KubeconfigTimeouts {
        /**
         * For a create, as a Go duration such as 10m.
         */
        create?: string;
        /**
         * For an update, as a Go duration such as 10m.
         */
        update?: string;
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
     * One entry of the factory's list.
     */
    interface GetExtensionsVersionsExtensionsInfo {
        /**
         * Who maintains it.
         */
        author: string;
        /**
         * What it is for.
         */
        description: string;
        /**
         * Digest of the image.
         */
        digest: string;
        /**
         * Name.
         */
        name: string;
        /**
         * Reference of the image.
         */
        ref: string;
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
    interface GetOverlaysVersionsFilters {
        /**
         * Name.
         */
        name?: string;
    }
    /**
     * One entry of the factory's list.
     */
    interface GetOverlaysVersionsOverlaysInfo {
        /**
         * Digest of the image.
         */
        digest: string;
        /**
         * Image name.
         */
        image: string;
        /**
         * Name.
         */
        name: string;
        /**
         * Reference of the image.
         */
        ref: string;
    }
    /**
     * Where each kind of image lies.
     */
    interface GetUrlsUrls {
        /**
         * Disk image.
         */
        diskImage: string;
        /**
         * Disk image for SecureBoot.
         */
        diskImageSecureboot: string;
        /**
         * Initramfs.
         */
        initramfs: string;
        /**
         * Reference of the installer image.
         */
        installer: string;
        /**
         * Reference of the installer image for SecureBoot.
         */
        installerSecureboot: string;
        /**
         * ISO.
         */
        iso: string;
        /**
         * ISO for SecureBoot.
         */
        isoSecureboot: string;
        /**
         * Kernel.
         */
        kernel: string;
        /**
         * Kernel command line.
         */
        kernelCommandLine: string;
        /**
         * PXE script.
         */
        pxe: string;
        /**
         * Unified kernel image.
         */
        uki: string;
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
}
export declare namespace machine {
    /**
     * How long to keep trying.
     */
    interface BootstrapTimeouts {
        /**
         * For a create, as a Go duration such as 10m.
         */
        create?: string;
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
     * Certificate authorities and signing keys of a cluster.
     */
    interface Certificates {
        /**
         * Authority of etcd.
         */
        etcd: outputs.machine.Certificate;
        /**
         * Authority of Kubernetes.
         */
        k8s: outputs.machine.Certificate;
        /**
         * Authority of the API aggregation layer.
         */
        k8sAggregator: outputs.machine.Certificate;
        /**
         * Key that signs service account tokens.
         */
        k8sServiceaccount: outputs.machine.Key;
        /**
         * Authority of the Talos API.
         */
        os: outputs.machine.Certificate;
    }
    /**
     * A client certificate and the authority of the servers it is for.
     */
    interface ClientConfiguration {
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
     * What a delete does to the machine.
     */
    interface ConfigurationApplyOnDestroy {
        /**
         * Leave etcd and drain the node first.
         */
        graceful: boolean;
        /**
         * Start again when wiped, instead of powering off.
         */
        reboot: boolean;
        /**
         * Wipe the machine.
         */
        reset: boolean;
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
     * A disk.
     */
    interface GetDisksDisk {
        /**
         * Path on the bus.
         */
        busPath: string;
        /**
         * Whether it is an optical drive.
         */
        cdrom: boolean;
        /**
         * Device file.
         */
        devPath: string;
        /**
         * Optimal size of a transfer, in bytes.
         */
        ioSize: number;
        /**
         * Modalias of the driver.
         */
        modalias: string;
        /**
         * Model.
         */
        model: string;
        /**
         * Size for people.
         */
        prettySize: string;
        /**
         * Whether it cannot be written.
         */
        readonly: boolean;
        /**
         * Whether it spins.
         */
        rotational: boolean;
        /**
         * Disks that this one is made of.
         */
        secondaryDisks: string[];
        /**
         * Size of a sector, in bytes.
         */
        sectorSize: number;
        /**
         * Serial number.
         */
        serial: string;
        /**
         * Size in bytes.
         */
        size: number;
        /**
         * Sysfs path of its subsystem.
         */
        subSystem: string;
        /**
         * Links in /dev/disk.
         */
        symlinks: string[];
        /**
         * How it is attached.
         */
        transport: string;
        /**
         * UUID.
         */
        uuid: string;
        /**
         * World-wide identifier.
         */
        wwid: string;
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
     * A private key.
     */
    interface Key {
        /**
         * Base64 of the PEM private key.
         */
        key: string;
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
     * All secrets of a cluster.
     */
    interface MachineSecrets {
        /**
         * Certificate authorities and signing keys.
         */
        certs: outputs.machine.Certificates;
        /**
         * Identity of the cluster.
         */
        cluster: outputs.machine.Cluster;
        /**
         * What Kubernetes encrypts and lets nodes join with.
         */
        secrets: outputs.machine.KubernetesSecrets;
        /**
         * What workers ask for their certificate with.
         */
        trustdinfo: outputs.machine.TrustdInfo;
    }
    /**
     * How long to keep trying.
     */
    interface Timeout {
        /**
         * For a create, as a Go duration such as 10m.
         */
        create?: string;
        /**
         * For a delete, as a Go duration such as 10m.
         */
        delete?: string;
        /**
         * For an update, as a Go duration such as 10m.
         */
        update?: string;
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
}
