package talosprovider_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	cryptox509 "github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/emptypb"
)

// fakeMachine is a machine at an address of its own. It records what it is asked.
type fakeMachine struct {
	machine.UnimplementedMachineServiceServer
	storage.UnimplementedStorageServiceServer

	address string

	mutex   sync.Mutex
	applied []*machine.ApplyConfigurationRequest
	resets  []*machine.ResetRequest
	calls   int

	answer     func(call int) error // to ApplyConfiguration, Bootstrap and Kubeconfig
	reboots    bool                 // what a dry run answers
	kubeconfig string
}

// newMachine starts a machine at 127.203.0.<last>: configured when it is given the authority of its cluster, and in
// maintenance mode otherwise.
func newMachine(t *testing.T, last byte, authority *cryptox509.PEMEncodedCertificateAndKey) *fakeMachine {
	t.Helper()

	fake := &fakeMachine{address: netip.AddrFrom4([4]byte{127, 203, 0, last}).String(), answer: func(int) error { return nil }}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}

	if authority == nil {
		self, err := cryptox509.NewSelfSignedCertificateAuthority()
		require.NoError(t, err)

		authority = &cryptox509.PEMEncodedCertificateAndKey{Crt: self.CrtPEM, Key: self.KeyPEM}
	} else {
		settings.ClientAuth, settings.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		require.True(t, settings.ClientCAs.AppendCertsFromPEM(authority.Crt))
	}

	ca, err := cryptox509.NewCertificateAuthorityFromCertificateAndKey(authority)
	require.NoError(t, err)

	pair, err := cryptox509.NewKeyPair(ca,
		cryptox509.IPAddresses([]net.IP{net.ParseIP(fake.address)}), cryptox509.NotAfter(time.Now().Add(time.Hour)))
	require.NoError(t, err)

	settings.Certificates = []tls.Certificate{*pair.Certificate}

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fake.address+":50000")
	require.NoError(t, err)

	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(settings)))
	machine.RegisterMachineServiceServer(server, fake)
	storage.RegisterStorageServiceServer(server, fake)

	go func() { _ = server.Serve(listener) }() // it ends with the test

	t.Cleanup(server.Stop)

	return fake
}

// ours and theirs are the secrets of two clusters, which take long to make.
var (
	ours   = sync.OnceValue(makeBundle)
	theirs = sync.OnceValue(makeBundle)
)

func makeBundle() *secrets.Bundle {
	bundle, err := secrets.NewBundle(secrets.NewFixedClock(time.Now()), config.TalosVersionCurrent)
	if err != nil {
		panic(err)
	}

	return bundle
}

func (m *fakeMachine) Disks(context.Context, *emptypb.Empty) (*storage.DisksResponse, error) {
	return &storage.DisksResponse{}, nil
}

// called counts a call and gives its outcome.
func (m *fakeMachine) called() error {
	m.mutex.Lock()
	defer m.mutex.Unlock()

	m.calls++

	return m.answer(m.calls)
}

func (m *fakeMachine) ApplyConfiguration(
	_ context.Context, request *machine.ApplyConfigurationRequest,
) (*machine.ApplyConfigurationResponse, error) {
	m.mutex.Lock()
	m.applied = append(m.applied, request)
	m.mutex.Unlock()

	mode := machine.ApplyConfigurationRequest_NO_REBOOT
	if m.reboots {
		mode = machine.ApplyConfigurationRequest_REBOOT
	}

	return &machine.ApplyConfigurationResponse{Messages: []*machine.ApplyConfiguration{{Mode: mode}}}, m.called()
}

func (m *fakeMachine) Bootstrap(context.Context, *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	return &machine.BootstrapResponse{}, m.called()
}

func (m *fakeMachine) Reset(_ context.Context, request *machine.ResetRequest) (*machine.ResetResponse, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()

	m.resets = append(m.resets, request)

	return &machine.ResetResponse{Messages: []*machine.Reset{{ActorId: "1"}}}, nil
}

func (m *fakeMachine) Kubeconfig(_ *emptypb.Empty, stream machine.MachineService_KubeconfigServer) error {
	if err := m.called(); err != nil {
		return err
	}

	packed := gzip.NewWriter(sender{stream})
	archive := tar.NewWriter(packed)

	if err := archive.WriteHeader(&tar.Header{Name: "kubeconfig", Size: int64(len(m.kubeconfig)), Mode: 0o600}); err != nil {
		return err
	}

	if _, err := archive.Write([]byte(m.kubeconfig)); err != nil {
		return err
	}

	if err := archive.Close(); err != nil {
		return err
	}

	return packed.Close()
}

type sender struct {
	stream machine.MachineService_KubeconfigServer
}

func (s sender) Write(data []byte) (int, error) {
	return len(data), s.stream.Send(&common.Data{Bytes: append([]byte(nil), data...)})
}
