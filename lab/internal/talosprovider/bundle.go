package talosprovider

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// ClientConfiguration is a client certificate and the authority of the servers it is for, each base64 of PEM.
type ClientConfiguration struct {
	CACertificate     string `json:"caCertificate"`
	ClientCertificate string `json:"clientCertificate"`
	ClientKey         string `json:"clientKey"`
}

// MachineSecrets are all secrets of a cluster, certificates and keys as base64 of PEM.
type MachineSecrets struct {
	Cluster struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	} `json:"cluster"`
	Secrets struct {
		BootstrapToken            string `json:"bootstrapToken"`
		SecretboxEncryptionSecret string `json:"secretboxEncryptionSecret"`
		AESCBCEncryptionSecret    string `json:"aescbcEncryptionSecret,omitempty"`
	} `json:"secrets"`
	TrustdInfo struct {
		Token string `json:"token"`
	} `json:"trustdinfo"`
	Certs struct {
		Etcd              Certificate `json:"etcd"`
		K8s               Certificate `json:"k8s"`
		K8sAggregator     Certificate `json:"k8sAggregator"`
		K8sServiceAccount struct {
			Key string `json:"key"`
		} `json:"k8sServiceaccount"`
		OS Certificate `json:"os"`
	} `json:"certs"`
}

// Certificate is a certificate and its key.
type Certificate struct {
	Cert string `json:"cert"`
	Key  string `json:"key"`
}

// machineSecretsOf takes a secrets bundle apart.
func machineSecretsOf(bundle *secrets.Bundle) MachineSecrets {
	var apart MachineSecrets

	apart.Cluster.ID, apart.Cluster.Secret = bundle.Cluster.ID, bundle.Cluster.Secret
	apart.Secrets.BootstrapToken = bundle.Secrets.BootstrapToken
	apart.Secrets.SecretboxEncryptionSecret = bundle.Secrets.SecretboxEncryptionSecret
	apart.Secrets.AESCBCEncryptionSecret = bundle.Secrets.AESCBCEncryptionSecret
	apart.TrustdInfo.Token = bundle.TrustdInfo.Token
	apart.Certs.Etcd = certificateOf(bundle.Certs.Etcd)
	apart.Certs.K8s = certificateOf(bundle.Certs.K8s)
	apart.Certs.K8sAggregator = certificateOf(bundle.Certs.K8sAggregator)
	apart.Certs.K8sServiceAccount.Key = base64.StdEncoding.EncodeToString(bundle.Certs.K8sServiceAccount.Key)
	apart.Certs.OS = certificateOf(bundle.Certs.OS)

	return apart
}

func certificateOf(pair *x509.PEMEncodedCertificateAndKey) Certificate {
	return Certificate{
		Cert: base64.StdEncoding.EncodeToString(pair.Crt),
		Key:  base64.StdEncoding.EncodeToString(pair.Key),
	}
}

// bundle puts the secrets together again.
func (m MachineSecrets) bundle() (*secrets.Bundle, error) {
	var failures []error

	bytes := func(name, text string) []byte {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			failures = append(failures, fmt.Errorf("machineSecrets.certs.%s is not base64: %w", name, err))
		}

		return decoded
	}

	pair := func(name string, certificate Certificate) *x509.PEMEncodedCertificateAndKey {
		return &x509.PEMEncodedCertificateAndKey{
			Crt: bytes(name+".cert", certificate.Cert),
			Key: bytes(name+".key", certificate.Key),
		}
	}

	bundle := &secrets.Bundle{
		Clock:   secrets.NewFixedClock(time.Now()),
		Cluster: &secrets.Cluster{ID: m.Cluster.ID, Secret: m.Cluster.Secret},
		Secrets: &secrets.Secrets{
			BootstrapToken:            m.Secrets.BootstrapToken,
			SecretboxEncryptionSecret: m.Secrets.SecretboxEncryptionSecret,
			AESCBCEncryptionSecret:    m.Secrets.AESCBCEncryptionSecret,
		},
		TrustdInfo: &secrets.TrustdInfo{Token: m.TrustdInfo.Token},
		Certs: &secrets.Certs{
			Etcd:          pair("etcd", m.Certs.Etcd),
			K8s:           pair("k8s", m.Certs.K8s),
			K8sAggregator: pair("k8sAggregator", m.Certs.K8sAggregator),
			K8sServiceAccount: &x509.PEMEncodedKey{
				Key: bytes("k8sServiceaccount.key", m.Certs.K8sServiceAccount.Key),
			},
			OS: pair("os", m.Certs.OS),
		},
	}

	return bundle, errors.Join(failures...)
}

// newClientConfiguration makes an administrator's certificate that is good for a year.
func newClientConfiguration(bundle *secrets.Bundle) (ClientConfiguration, error) {
	pair, err := bundle.GenerateTalosAPIClientCertificateWithTTL(
		role.MakeSet(role.Admin), constants.TalosAPIDefaultCertificateValidityDuration)
	if err != nil {
		return ClientConfiguration{}, fmt.Errorf("making a client certificate: %w", err)
	}

	return ClientConfiguration{
		CACertificate:     base64.StdEncoding.EncodeToString(bundle.Certs.OS.Crt),
		ClientCertificate: base64.StdEncoding.EncodeToString(pair.Crt),
		ClientKey:         base64.StdEncoding.EncodeToString(pair.Key),
	}, nil
}
