package controlplane

import (
	"bytes"
	"errors"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// identity is who a client certificate says its holder is.
type identity struct {
	name, organization string
	lifetime           time.Duration
}

// AdminRESTConfig gives Talos's own administrator access to the API server at the given URL, from a control plane node's machine config.
func AdminRESTConfig(cfg config.Config, server string) (*rest.Config, error) {
	pair, err := issueClient(cfg.Cluster(), identity{
		constants.KubernetesTalosAdminCertCommonName, constants.KubernetesAdminCertOrganization, kubernetesCertificateLifetime,
	})
	if err != nil {
		return nil, err
	}

	return &rest.Config{
		Host:            server,
		TLSClientConfig: rest.TLSClientConfig{CAData: acceptedCAs(cfg.Cluster()), CertData: pair.Crt, KeyData: pair.Key},
	}, nil
}

// kubeconfig is written as Talos does: <user>@<cluster>.
func kubeconfig(cluster config.ClusterConfig, server, user, contextName string, who identity) ([]byte, error) {
	pair, err := issueClient(cluster, who)
	if err != nil {
		return nil, err
	}

	user, contextName = user+"@"+cluster.Name(), contextName+"@"+cluster.Name()

	return clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{
			cluster.Name(): {Server: server, CertificateAuthorityData: acceptedCAs(cluster)},
		},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{
			user: {ClientCertificateData: pair.Crt, ClientKeyData: pair.Key},
		},
		Contexts: map[string]*clientcmdapi.Context{
			contextName: {Cluster: cluster.Name(), Namespace: "default", AuthInfo: user},
		},
		CurrentContext: contextName,
	})
}

func issueClient(cluster config.ClusterConfig, who identity) (*x509.PEMEncodedCertificateAndKey, error) {
	ca := cluster.IssuingCA()
	if ca == nil || len(ca.Key) == 0 {
		return nil, errors.New("cluster.ca.key is missing: this is not the machine config of a control plane node")
	}

	return issue(ca, who.lifetime, x509.CommonName(who.name), x509.Organization(who.organization), forClients)
}

// acceptedCAs are all that clients of this cluster's API servers trust.
func acceptedCAs(cluster config.ClusterConfig) []byte {
	var certificates [][]byte

	for _, ca := range cluster.AcceptedCAs() {
		certificates = append(certificates, ca.Crt)
	}

	if ca := cluster.IssuingCA(); ca != nil {
		certificates = append(certificates, ca.Crt)
	}

	return bytes.Join(certificates, nil)
}
