package resources

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
	"k8s.io/apimachinery/pkg/runtime"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
)

// CheckAuditPolicy refuses what Talos cannot write a file of; it does not look at that before.
func CheckAuditPolicy(policy map[string]any) error {
	var audit auditv1.Policy
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(policy, &audit, true); err != nil {
		return fmt.Errorf("error unmarshaling audit policy configuration: %w", err)
	}

	return nil
}

// authorization are the authorizers of the file that kube-apiserver reads: those that are always there, unless they are named.
func authorization(cfg config.Config) *k8s.AuthorizationConfig {
	r := k8s.NewAuthorizationConfig()
	r.TypedSpec().Image = cfg.Cluster().APIServer().Image()

	for _, authorizer := range cfg.Cluster().APIServer().AuthorizationConfig() {
		r.TypedSpec().Config = append(r.TypedSpec().Config, k8s.AuthorizationAuthorizersSpec{
			Type: authorizer.Type(), Name: authorizer.Name(), Webhook: authorizer.Webhook(),
		})
	}

	for i, always := range v1alpha1.APIServerDefaultAuthorizationConfigAuthorizers {
		named := func(one k8s.AuthorizationAuthorizersSpec) bool { return one.Type == always.Type }
		if !slices.ContainsFunc(r.TypedSpec().Config, named) {
			r.TypedSpec().Config = slices.Insert(r.TypedSpec().Config, min(i, len(r.TypedSpec().Config)), always)
		}
	}

	return r
}

// kubernetesRoot is what Talos makes the control plane's certificates and kubeconfigs from.
func kubernetesRoot(cfg config.Config) (*secrets.KubernetesRoot, error) {
	cluster := cfg.Cluster()

	services, err := cluster.Network().APIServerIPs()
	if err != nil {
		return nil, fmt.Errorf("API service addresses: %w", err)
	}

	local := fmt.Sprintf("localhost:%d", cluster.LocalAPIServerPort())
	if prism := cfg.Machine().Features().KubePrism(); prism.Enabled() {
		local = fmt.Sprintf("127.0.0.1:%d", prism.Port())
	}

	r := secrets.NewKubernetesRoot(secrets.KubernetesRootID)
	*r.TypedSpec() = secrets.KubernetesRootSpec{
		Name: cluster.Name(), Endpoint: cluster.Endpoint(), LocalEndpoint: &url.URL{Scheme: "https", Host: local},
		CertSANs: cluster.CertSANs(), DNSDomain: cluster.Network().DNSDomain(), APIServerIPs: services,
		IssuingCA: cluster.IssuingCA(), AcceptedCAs: slices.Clone(cluster.AcceptedCAs()), AggregatorCA: cluster.AggregatorCA(),
		ServiceAccount:         cluster.ServiceAccount(),
		AESCBCEncryptionSecret: cluster.AESCBCEncryptionSecret(), SecretboxEncryptionSecret: cluster.SecretboxEncryptionSecret(),
		BootstrapTokenID: cluster.Token().ID(), BootstrapTokenSecret: cluster.Token().Secret(),
	}

	if ca := cluster.IssuingCA(); ca != nil {
		r.TypedSpec().AcceptedCAs = append(r.TypedSpec().AcceptedCAs, &x509.PEMEncodedCertificate{Crt: ca.Crt})
	}

	return r, nil
}
