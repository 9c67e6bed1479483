package talosprovider_test

import (
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crypto/x509"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const secretsToken = "talos:machine/secrets:Secrets"

func certificate(t *testing.T, state property.Map) *x509.Certificate {
	t.Helper()

	text, err := base64.StdEncoding.DecodeString(state.Get("clientConfiguration").AsMap().Get("clientCertificate").AsString())
	require.NoError(t, err)

	block, _ := pem.Decode(text)
	require.NotNil(t, block)

	parsed, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)

	return parsed
}

// at is a value inside nested maps.
func at(values property.Map, path ...string) property.Value {
	value := property.New(values)
	for _, name := range path {
		value = value.AsMap().Get(name)
	}

	return value
}

func TestSecretsAreMadeAndMarked(t *testing.T) {
	c := newClient(t, nil)
	created := c.mustCreate(secretsToken, fields{"talosVersion": "v1.13.0"})

	require.Equal(t, "machine_secrets", created.ID)
	require.Equal(t, "v1.13.0", created.Properties.Get("talosVersion").AsString())

	for _, path := range [][]string{
		{"cluster", "secret"}, {"secrets", "bootstrapToken"}, {"secrets", "secretboxEncryptionSecret"}, {"trustdinfo", "token"},
		{"certs", "etcd", "key"}, {"certs", "k8s", "key"}, {"certs", "k8sAggregator", "key"}, {"certs", "k8sServiceaccount", "key"},
		{"certs", "os", "key"},
	} {
		require.True(t, at(created.Properties, append([]string{"machineSecrets"}, path...)...).Secret(), path)
	}

	require.True(t, at(created.Properties, "clientConfiguration", "clientKey").Secret())
	require.False(t, at(created.Properties, "machineSecrets", "cluster", "id").Secret())
	require.Equal(t, []string{string(role.Admin)}, certificate(t, created.Properties).Subject.Organization)

	year := time.Now().AddDate(1, 0, 0)
	require.WithinDuration(t, year, certificate(t, created.Properties).NotAfter, 48*time.Hour)
}

func TestAPreviewOfSecretsKnowsNoSecrets(t *testing.T) {
	previewed := newClient(t, nil).preview(secretsToken, nil)

	require.Equal(t, "v1.13", previewed.Get("talosVersion").AsString(), "the default is the machinery's contract")
	require.True(t, previewed.Get("machineSecrets").IsComputed())
	require.True(t, previewed.Get("clientConfiguration").IsComputed())
}

func TestAVersionWithoutContractIsRefused(t *testing.T) {
	failures := newClient(t, nil).check(secretsToken, fields{"talosVersion": "newest"})
	require.Len(t, failures, 1)
	require.Equal(t, "talosVersion", failures[0].Property)
}

func TestLoweringTheVersionReplacesThePKIAndRaisingItDoesNot(t *testing.T) {
	c := newClient(t, nil)
	state := c.mustCreate(secretsToken, fields{"talosVersion": "v1.13.0"}).Properties

	require.Empty(t, c.diff(secretsToken, state, fields{"talosVersion": "v1.13.0"}))
	require.Equal(t, provider.UpdateReplace, c.diff(secretsToken, state, fields{"talosVersion": "1.12.4"})["talosVersion"].Kind)
	require.Equal(t, provider.Update, c.diff(secretsToken, state, fields{"talosVersion": "v1.14.0"})["talosVersion"].Kind)

	updated, err := c.update(secretsToken, state, fields{"talosVersion": "v1.14.0"})
	require.NoError(t, err)
	require.Equal(t, state.Set("talosVersion", property.New("v1.14.0")), updated)
}

func TestAnUpdateRenewsAClientCertificateThatEndsWithinAMonth(t *testing.T) {
	c := newClient(t, nil)
	bundle := ours()
	inputs := fields{"talosVersion": "v1.3"}

	state := imported(t, c, bundle)
	require.Empty(t, c.diff(secretsToken, state, inputs))

	short, err := bundle.GenerateTalosAPIClientCertificateWithTTL(role.MakeSet(role.Admin), 20*24*time.Hour)
	require.NoError(t, err)

	client := at(state, "clientConfiguration").AsMap().Set("clientCertificate", property.New(base64.StdEncoding.EncodeToString(short.Crt)))
	state = state.Set("clientConfiguration", property.New(client))

	changes := c.diff(secretsToken, state, inputs)
	require.Equal(t, map[string]provider.PropertyDiff{"clientConfiguration": {Kind: provider.Update}}, changes)

	updated, err := c.update(secretsToken, state, inputs)
	require.NoError(t, err)
	require.Equal(t, state.Get("machineSecrets"), updated.Get("machineSecrets"))
	require.True(t, certificate(t, updated).NotAfter.After(time.Now().AddDate(0, 11, 0)))
}

// imported is the state that the import of a bundle's secrets.yaml gives.
func imported(t *testing.T, c client, bundle any) property.Map {
	t.Helper()

	text, err := yaml.Marshal(bundle)
	require.NoError(t, err)

	path := filepath.Join(t.TempDir(), "secrets.yaml")
	require.NoError(t, os.WriteFile(path, text, 0o600))

	read, err := c.server.Read(provider.ReadRequest{ID: path, Urn: urnOf(secretsToken)})
	require.NoError(t, err)
	require.Equal(t, path, read.ID)
	require.Equal(t, properties(fields{"talosVersion": "v1.3"}), read.Inputs)

	return read.Properties
}

func TestASecretsFileIsImported(t *testing.T) {
	bundle := ours()
	state := imported(t, newClient(t, nil), bundle)

	require.Equal(t, bundle.Cluster.ID, at(state, "machineSecrets", "cluster", "id").AsString())
	require.Equal(t, base64.StdEncoding.EncodeToString(bundle.Certs.OS.Key), at(state, "machineSecrets", "certs", "os", "key").AsString())

	_, err := newClient(t, nil).server.Read(provider.ReadRequest{ID: "/nowhere", Urn: urnOf(secretsToken)})
	require.ErrorContains(t, err, "importing /nowhere")

	_, err = newClient(t, nil).server.Read(provider.ReadRequest{ID: "x", Urn: urnOf("talos:machine/bootstrap:Bootstrap")})
	require.ErrorContains(t, err, "talos:machine/bootstrap:Bootstrap cannot be imported")
}

func TestARefreshChangesNothing(t *testing.T) {
	c := newClient(t, nil)
	state := c.mustCreate(secretsToken, nil)

	read, err := c.server.Read(provider.ReadRequest{ID: state.ID, Urn: urnOf(secretsToken), Properties: state.Properties})
	require.NoError(t, err)
	require.Equal(t, state.Properties, read.Properties)
}
