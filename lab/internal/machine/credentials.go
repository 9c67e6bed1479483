package machine

import (
	"bytes"
	"context"
	"net"
	"net/netip"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"

	"phoebe.dev/lab/internal/addresses"
	"phoebe.dev/lab/internal/machine/apid"
	"phoebe.dev/lab/internal/machine/resources"
)

// awaitCredentials makes the node's certificates. A worker has the machine CA's
// certificate only: it waits for a control plane node that signs for it, and until then
// its API stays down.
func (b *boot) awaitCredentials(ctx context.Context) error {
	for {
		changed := b.fabric.changed.wait()

		if issued, err := b.issueCredentials(); issued || err != nil {
			return err
		}

		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// issueCredentials makes the node's certificates if the machine CA can be had now.
func (b *boot) issueCredentials() (bool, error) {
	node, _ := b.node()

	ca := b.fabric.issuingCA(node.Config)
	if ca == nil {
		return false, nil
	}

	issued, err := b.identity(node, ca).Issue()
	if err != nil {
		return false, err
	}

	b.credentials.Store(issued)

	return true, nil
}

func (b *boot) identity(node resources.Node, ca *x509.PEMEncodedCertificateAndKey) apid.Identity {
	identity := apid.Identity{
		CA:       ca,
		Accepted: node.Config.Machine().Security().AcceptedCAs(),
		Hostname: node.Hostname,
		IPs:      []net.IP{b.ip()},
		DNSNames: []string{node.Hostname},
		Forwards: node.Config.Machine().Type().IsControlPlane(),
	}

	for _, san := range node.Config.Machine().Security().CertSANs() {
		if ip, err := netip.ParseAddr(san); err == nil {
			identity.IPs = append(identity.IPs, ip.AsSlice(), addresses.Move(ip).AsSlice())
		} else {
			identity.DNSNames = append(identity.DNSNames, san)
		}
	}

	return identity
}

// issuingCA is the machine CA with its key: the config's own, or that of a booted
// control plane node of the same cluster that knows the same token.
func (f *Fabric) issuingCA(cfg config.Config) *x509.PEMEncodedCertificateAndKey {
	security := cfg.Machine().Security()

	own := security.IssuingCA()
	if own != nil && len(own.Key) > 0 {
		return own
	}

	for _, node := range f.nodes(cfg.Cluster().ID()) {
		theirs := node.Config.Machine().Security()

		ca := theirs.IssuingCA()
		if node.Config.Machine().Type().IsControlPlane() && theirs.Token() == security.Token() &&
			ca != nil && len(ca.Key) > 0 && (own == nil || bytes.Equal(bytes.TrimSpace(own.Crt), bytes.TrimSpace(ca.Crt))) {
			return ca
		}
	}

	return nil
}
