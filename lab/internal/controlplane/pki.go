package controlplane

import (
	stdx509 "crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/siderolabs/crypto/x509"
)

// Talos's lifetimes: etcd's certificates outlive the machine, Kubernetes's are renewed by a reboot.
const (
	etcdCertificateLifetime       = 87600 * time.Hour
	kubernetesCertificateLifetime = 365 * 24 * time.Hour
	// allowedTimeSkew lets a clock that is a little behind accept a new certificate.
	allowedTimeSkew = 10 * time.Second
)

var (
	forServers = x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth})
	forClients = x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth})
	forBoth    = x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth, stdx509.ExtKeyUsageClientAuth})
)

// issue makes a certificate and key under a CA of the machine config.
func issue(ca *x509.PEMEncodedCertificateAndKey, lifetime time.Duration, options ...x509.Option) (*x509.PEMEncodedCertificateAndKey, error) {
	authority, err := x509.NewCertificateAuthorityFromCertificateAndKey(ca)
	if err != nil {
		return nil, fmt.Errorf("certificate authority of the machine config: %w", err)
	}

	pair, err := x509.NewKeyPair(authority, append([]x509.Option{
		x509.NotBefore(time.Now().Add(-allowedTimeSkew)),
		x509.NotAfter(time.Now().Add(lifetime)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature | stdx509.KeyUsageKeyEncipherment),
	}, options...)...)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate: %w", err)
	}

	return x509.NewCertificateAndKeyFromKeyPair(pair), nil
}

// names are a certificate's subject alternative names.
type names struct {
	addresses []netip.Addr
	dns       []string
}

// add sorts hosts into addresses and DNS names, each once.
func (n *names) add(hosts ...string) {
	for _, host := range hosts {
		if addr, err := netip.ParseAddr(host); err == nil {
			n.addAddresses(addr)
		} else if host != "" && !slices.Contains(n.dns, host) {
			n.dns = append(n.dns, host)
		}
	}
}

func (n *names) addAddresses(addrs ...netip.Addr) {
	for _, addr := range addrs {
		if !slices.Contains(n.addresses, addr) {
			n.addresses = append(n.addresses, addr)
		}
	}
}

func (n *names) options() []x509.Option {
	ips := make([]net.IP, len(n.addresses))
	for i, addr := range n.addresses {
		ips[i] = addr.AsSlice()
	}

	return []x509.Option{x509.IPAddresses(ips), x509.DNSNames(n.dns)}
}

// pool trusts the given certificates alone.
func pool(pem []byte) *stdx509.CertPool {
	trusted := stdx509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)

	return trusted
}
