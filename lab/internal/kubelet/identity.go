package kubelet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/certificate/csr"
	"k8s.io/client-go/util/keyutil"

	"phoebe.dev/lab/internal/controlplane"
)

var errNoServer = errors.New("no API server answers")

// dial reaches an API server that answers, the node's own before others, whatever address is
// asked for: what Talos's KubePrism does on a real node.
func (k *Kubelet) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	failure := errNoServer
	own := k.Address.String() + ":"

	servers := slices.Clone(k.APIServers())
	slices.SortStableFunc(servers, func(a, b string) int { return index(b, own) - index(a, own) })

	for _, server := range servers {
		parsed, err := url.Parse(server)
		if err != nil {
			return nil, err
		}

		connection, err := k.dialWithin(ctx, network, parsed.Host)
		if err == nil {
			return connection, nil
		}

		failure = err
	}

	return nil, failure
}

func (k *Kubelet) dialWithin(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()

	return k.Dial(ctx, network, address)
}

func index(server, own string) int {
	if strings.Contains(server, "//"+own) {
		return 1
	}

	return 0
}

// access is a way to the API servers without an identity; every one of them has "kubernetes" in its certificate.
func (k *Kubelet) access() *rest.Config {
	var trusted []byte
	for _, ca := range k.Options.Config.Cluster().AcceptedCAs() {
		trusted = append(trusted, ca.Crt...)
	}

	if ca := k.Options.Config.Cluster().IssuingCA(); ca != nil {
		trusted = append(trusted, ca.Crt...)
	}

	return k.reach(&rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: trusted}})
}

func (k *Kubelet) reach(access *rest.Config) *rest.Config {
	access.Host, access.Dial = "https://kubernetes", k.dial
	access.UserAgent = "kubelet/" + k.version()
	access.QPS, access.Burst = 50, 100

	return access
}

// adminAccess is Talos's own, with which it marks the nodes of the control plane.
func (k *Kubelet) adminAccess() (*rest.Config, error) {
	access, err := controlplane.AdminRESTConfig(k.current(), "")
	if err != nil {
		return nil, err
	}

	return k.reach(access), nil
}

// identity is system:node:<hostname>: kept from an earlier start, or asked for with the bootstrap token.
func (k *Kubelet) identity(ctx context.Context) (*rest.Config, error) {
	access := k.access()
	path := filepath.Join(k.Dir, "kubelet-client-current.pem")

	pair, err := os.ReadFile(path)
	if err != nil || !valid(pair, access.CAData) {
		if err := k.retry(ctx, "asking for an identity", func() (err error) {
			pair, err = k.request(ctx)

			return err
		}); err != nil {
			return nil, err
		}

		if err := os.WriteFile(path, pair, 0o600); err != nil {
			return nil, err
		}
	}

	access.CertData, access.KeyData = pair, pair

	return access, nil
}

// valid tells whether a kept identity is one in this cluster for a while to come.
func valid(pair, ca []byte) bool {
	loaded, err := tls.X509KeyPair(pair, pair)
	if err != nil {
		return false
	}

	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ca)

	_, err = loaded.Leaf.Verify(x509.VerifyOptions{
		Roots: trusted, CurrentTime: time.Now().Add(time.Hour), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})

	return err == nil
}

// request has a certificate signed by the controller manager.
func (k *Kubelet) request(ctx context.Context) ([]byte, error) {
	token := k.Options.Config.Cluster().Token()
	access := k.access()
	access.BearerToken = token.ID() + "." + token.Secret()

	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return nil, err
	}

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}

	content, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "system:node:" + k.Hostname, Organization: []string{"system:nodes"}},
	}, key)
	if err != nil {
		return nil, err
	}

	name, uid, err := csr.RequestCertificateWithContext(ctx, client, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: content}), "",
		certificatesv1.KubeAPIServerClientKubeletSignerName, nil,
		[]certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth}, key)
	if err != nil {
		return nil, err
	}

	// An approval can be lost with a controller manager that is restarted: then a new request is made.
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()

	certificate, err := csr.WaitForCertificate(ctx, client, name, uid)
	if err != nil {
		return nil, err
	}

	encoded, err := keyutil.MarshalPrivateKeyToPEM(key)

	return append(certificate, encoded...), err
}
