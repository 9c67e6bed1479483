package apid

import (
	"bytes"
	"crypto/tls"
	stdx509 "crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// Identity is what a configured node shows and accepts.
type Identity struct {
	// CA signs the node's certificates; it needs the key.
	CA *x509.PEMEncodedCertificateAndKey
	// Accepted are the authorities whose clients are let in.
	Accepted []*x509.PEMEncodedCertificate
	// Hostname and the subject alternative names.
	Hostname string
	IPs      []net.IP
	DNSNames []string
	// Forwards: the node also gets a certificate to speak to others on a caller's behalf.
	Forwards bool
}

// Credentials are the TLS configurations of a configured node.
type Credentials struct{ Server, Client *tls.Config }

// MaintenanceTLS shows a self-signed certificate and asks for none.
func MaintenanceTLS(ip net.IP) (*tls.Config, error) {
	ca, err := x509.NewSelfSignedCertificateAuthority()
	if err != nil {
		return nil, fmt.Errorf("maintenance certificate: %w", err)
	}

	pair, err := keyPair(ca, stdx509.ExtKeyUsageServerAuth, x509.IPAddresses([]net.IP{ip}), x509.CommonName("maintenance-service.talos.dev"))
	if err != nil {
		return nil, fmt.Errorf("maintenance certificate: %w", err)
	}

	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"h2"},
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.NoClientCert,
	}, nil
}

// Issue makes a configured node's credentials.
func (i Identity) Issue() (*Credentials, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(i.CA)
	if err != nil {
		return nil, fmt.Errorf("machine CA: %w", err)
	}

	pool, err := i.pool()
	if err != nil {
		return nil, err
	}

	server, err := keyPair(ca, stdx509.ExtKeyUsageServerAuth, x509.IPAddresses(i.IPs), x509.DNSNames(i.DNSNames), x509.CommonName(i.Hostname))
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}

	issued := &Credentials{Server: &tls.Config{
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"h2"},
		Certificates: []tls.Certificate{server},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool,
	}}

	if i.Forwards {
		client, err := keyPair(ca, stdx509.ExtKeyUsageClientAuth, x509.Organization(string(role.Impersonator)), x509.CommonName(i.Hostname))
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}

		issued.Client = &tls.Config{
			MinVersion:   tls.VersionTLS13,
			NextProtos:   []string{"h2"},
			RootCAs:      pool,
			Certificates: []tls.Certificate{client},
		}
	}

	return issued, nil
}

func (i Identity) pool() (*stdx509.CertPool, error) {
	pool := stdx509.NewCertPool()
	all := [][]byte{i.CA.Crt}

	for _, accepted := range i.Accepted {
		all = append(all, accepted.Crt)
	}

	if !pool.AppendCertsFromPEM(bytes.Join(all, []byte("\n"))) {
		return nil, errors.New("none of the accepted machine CAs is a PEM certificate")
	}

	return pool, nil
}

func keyPair(ca *x509.CertificateAuthority, usage stdx509.ExtKeyUsage, options ...x509.Option) (tls.Certificate, error) {
	options = append(options,
		x509.NotAfter(time.Now().Add(x509.DefaultCertificateValidityDuration)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{usage}),
	)

	pair, err := x509.NewKeyPair(ca, options...)
	if err != nil {
		return tls.Certificate{}, err
	}

	return *pair.Certificate, nil
}
