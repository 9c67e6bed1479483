package machine_test

//lint:file-ignore SA1019 the fields are what configs of every Talos have

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"phoebe.dev/lab/internal/machine"
)

const (
	kubernetesVersion = "v1.36.3"
	talosVersion      = "v1.13.3"
	schematic         = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
	installer         = "factory.talos.dev/metal-installer/" + schematic + ":" + talosVersion

	patience = 30 * time.Second
	interval = 20 * time.Millisecond
)

// cluster is the input of a test: secrets, and the configs made from them.
type cluster struct {
	t        *testing.T
	bundle   *secrets.Bundle
	input    *generate.Input
	endpoint netip.Addr
}

// oneBundle is made once: its RSA key takes longer than a test.
var oneBundle = sync.OnceValues(func() (*secrets.Bundle, error) {
	return secrets.NewBundle(secrets.NewClock(), config.TalosVersionCurrent)
})

func newCluster(t *testing.T, endpoint netip.Addr) *cluster {
	t.Helper()

	bundle, err := oneBundle()
	require.NoError(t, err)

	input, err := generate.NewInput("test", fmt.Sprintf("https://%s:6443", endpoint), kubernetesVersion,
		generate.WithSecretsBundle(bundle),
		generate.WithInstallDisk("/dev/sda"),
		generate.WithInstallImage(installer),
	)
	require.NoError(t, err)

	return &cluster{t: t, bundle: bundle, input: input, endpoint: endpoint}
}

// stranger is a cluster with another machine CA.
func (c *cluster) stranger() *cluster {
	c.t.Helper()

	ca, err := secrets.NewTalosCA(time.Now())
	require.NoError(c.t, err)

	bundle, certs := *c.bundle, *c.bundle.Certs
	certs.OS = x509.NewCertificateAndKeyFromCertificateAuthority(ca)
	bundle.Certs = &certs

	return &cluster{t: c.t, bundle: &bundle, input: c.input, endpoint: c.endpoint}
}

// config makes a node's machine config.
func (c *cluster) config(kind machinetype.Type, hostname string, patches ...func(*v1alpha1.Config)) []byte {
	c.t.Helper()

	provider, err := c.input.Config(kind)
	require.NoError(c.t, err)

	provider, err = provider.PatchV1Alpha1(func(cfg *v1alpha1.Config) error {
		cfg.MachineConfig.MachineNetwork = &v1alpha1.NetworkConfig{NetworkHostname: hostname}
		cfg.ClusterConfig.ClusterNetwork.CNI = &v1alpha1.CNIConfig{CNIName: "none"}

		for _, patch := range patches {
			patch(cfg)
		}

		return nil
	})
	require.NoError(c.t, err)

	bytes, err := withoutHostnameDocument(provider).Bytes()
	require.NoError(c.t, err)

	return bytes
}

// client speaks to a node with a certificate of the given role.
func (c *cluster) client(roles role.Set, endpoints ...string) *client.Client {
	c.t.Helper()

	cert, err := c.bundle.GenerateTalosAPIClientCertificate(roles)
	require.NoError(c.t, err)

	return dial(c.t, client.WithConfig(clientconfig.NewConfig("test", endpoints, c.bundle.Certs.OS.Crt, cert)))
}

func (c *cluster) admin(endpoints ...string) *client.Client {
	return c.client(role.MakeSet(role.Admin), endpoints...)
}

// insecure speaks to a node in maintenance mode.
func insecure(t *testing.T, endpoint string) *client.Client {
	return dial(t, client.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), client.WithEndpoints(endpoint))
}

func dial(t *testing.T, options ...client.OptionFunc) *client.Client {
	t.Helper()

	options = append(options, client.WithGRPCDialOptions(grpc.WithConnectParams(grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: interval, Multiplier: 1, MaxDelay: interval},
		MinConnectTimeout: time.Second,
	})))

	c, err := client.New(t.Context(), options...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })

	return c
}

// newFabric makes a fabric with the given components that ends with the test.
func newFabric(t *testing.T, options machine.FabricOptions) *machine.Fabric {
	t.Helper()

	if options.Dir == "" {
		options.Dir = t.TempDir()
	}

	if options.Log == nil {
		options.Log = t.Logf
	}

	f := machine.NewFabric(options)

	t.Cleanup(func() { require.NoError(t, f.Close()) })

	return f
}

func mustAddr(address string) netip.Addr { return netip.MustParseAddr(address) }

func add(t *testing.T, f *machine.Fabric, name, address string) *machine.Machine {
	t.Helper()

	m, err := f.Add(machine.Options{
		Name: name, Address: netip.MustParseAddr(address), Arch: "amd64", MediumVersion: "v1.13.0",
	})
	require.NoError(t, err)

	return m
}

// awaitStage waits until the machine is at a stage.
func awaitStage(t *testing.T, m *machine.Machine, stage string) machine.Snapshot {
	t.Helper()

	var s machine.Snapshot

	require.Eventually(t, func() bool {
		s = m.Snapshot()

		return s.Stage == stage
	}, patience, interval, "machine %s does not come to stage %s", m.Snapshot().Name, stage)

	return s
}

// await waits for a call to succeed.
func await(t *testing.T, call func(ctx context.Context) error) {
	t.Helper()

	var last error

	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()

		last = call(ctx)

		return last == nil
	}, patience, interval, "last error: %v", lazy{&last})
}

// lazy prints the error as it is when the wait is over.
type lazy struct{ err *error }

func (l lazy) String() string { return fmt.Sprint(*l.err) }
