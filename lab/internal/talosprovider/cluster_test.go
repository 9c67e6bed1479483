package talosprovider_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	bootstrapToken  = "talos:machine/bootstrap:Bootstrap"
	kubeconfigToken = "talos:cluster/kubeconfig:Kubeconfig"
)

func TestBootstrapTriesUntilTheMachineIsReady(t *testing.T) {
	bundle := ours()
	fake := newMachine(t, 20, bundle.Certs.OS)
	fake.answer = func(call int) error {
		if call == 1 {
			return status.Error(codes.FailedPrecondition, "early")
		}

		return nil
	}

	c := newClient(t, nil)
	inputs := fields{"node": fake.address, "clientConfiguration": clientOf(t, bundle)}
	created := c.mustCreate(bootstrapToken, inputs)
	require.Equal(t, "machine_bootstrap", created.ID)
	require.Equal(t, 2, fake.calls)
	require.Equal(t, fake.address, created.Properties.Get("endpoint").AsString())
	require.Empty(t, c.diff(bootstrapToken, created.Properties, inputs))

	inputs["node"] = "127.203.0.252"
	_, err := c.update(bootstrapToken, created.Properties, inputs)
	require.NoError(t, err, "an update does nothing, so nobody has to answer")
	require.NoError(t, c.server.Delete(provider.DeleteRequest{Urn: urnOf(bootstrapToken), Properties: created.Properties}))
}

func TestBootstrapCannotAdoptAClusterThatRuns(t *testing.T) {
	bundle := ours()
	fake := newMachine(t, 21, bundle.Certs.OS)
	fake.answer = func(int) error { return status.Error(codes.AlreadyExists, "etcd data directory is not empty") }

	_, err := newClient(t, nil).create(bootstrapToken, fields{
		"node": fake.address, "clientConfiguration": clientOf(t, bundle), "timeouts": fields{"create": "700ms"},
	})
	require.ErrorContains(t, err, "etcd data directory is not empty")
	require.Equal(t, 2, fake.calls)
}

// kubeconfigOf is a kubeconfig whose certificate is good for a while. That it is Talos's matters to nobody here.
func kubeconfigOf(t *testing.T, bundle *secrets.Bundle, server string, left time.Duration) string {
	t.Helper()

	pair, err := bundle.GenerateTalosAPIClientCertificateWithTTL(role.MakeSet(role.Admin), left)
	require.NoError(t, err)

	encode := base64.StdEncoding.EncodeToString

	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: admin@phoebe
clusters: [{name: phoebe, cluster: {server: "%s", certificate-authority-data: %s}}]
contexts: [{name: admin@phoebe, context: {cluster: phoebe, user: admin}}]
users: [{name: admin, user: {client-certificate-data: %s, client-key-data: %s}}]
`, server, encode(bundle.Certs.K8s.Crt), encode(pair.Crt), encode(pair.Key))
}

func TestTheKubeconfigIsFetchedOnceAndAgainWhenItEnds(t *testing.T) {
	bundle := ours()
	fake := newMachine(t, 22, bundle.Certs.OS)
	fake.kubeconfig = kubeconfigOf(t, bundle, "https://one:6443", 1000*time.Hour)

	c := newClient(t, nil)
	inputs := fields{"node": fake.address, "clientConfiguration": clientOf(t, bundle)}

	require.True(t, c.preview(kubeconfigToken, inputs).Get("kubeconfigRaw").IsComputed())
	require.Zero(t, fake.calls)

	created := c.mustCreate(kubeconfigToken, inputs)
	state := created.Properties
	require.Equal(t, "phoebe", created.ID)
	require.Equal(t, fake.kubeconfig, state.Get("kubeconfigRaw").AsString())
	require.True(t, state.Get("kubeconfigRaw").Secret())
	require.Equal(t, "https://one:6443", at(state, "kubernetesClientConfiguration", "host").AsString())
	require.True(t, at(state, "kubernetesClientConfiguration", "clientKey").Secret())
	require.Equal(t, "720h", state.Get("certificateRenewalDuration").AsString())

	require.Empty(t, c.diff(kubeconfigToken, state, inputs))

	inputs["timeouts"] = fields{"update": "5m"}
	updated, err := c.update(kubeconfigToken, state, inputs)
	require.NoError(t, err)
	require.Equal(t, 1, fake.calls, "an update far from its end fetches nothing")
	require.Equal(t, state.Get("kubeconfigRaw"), updated.Get("kubeconfigRaw"))

	inputs["certificateRenewalDuration"] = "1001h"
	require.Contains(t, c.diff(kubeconfigToken, updated, inputs), "kubeconfigRaw")

	fake.kubeconfig = kubeconfigOf(t, bundle, "https://two:6443", 2000*time.Hour)
	updated, err = c.update(kubeconfigToken, updated, inputs)
	require.NoError(t, err)
	require.Equal(t, "https://two:6443", at(updated, "kubernetesClientConfiguration", "host").AsString())
}

func TestGetKubeconfigFetchesEveryTime(t *testing.T) {
	bundle := ours()
	fake := newMachine(t, 23, bundle.Certs.OS)
	fake.kubeconfig = kubeconfigOf(t, bundle, "https://one:6443", time.Hour)

	answer := newClient(t, nil).mustInvoke("talos:cluster/getKubeconfig:getKubeconfig",
		fields{"node": fake.address, "clientConfiguration": clientOf(t, bundle)})
	require.Equal(t, "phoebe", answer.Get("id").AsString())
	require.Equal(t, fake.kubeconfig, answer.Get("kubeconfigRaw").AsString())
	require.False(t, answer.Get("kubeconfigRaw").HasSecrets(), "a function's result is not marked")
}
