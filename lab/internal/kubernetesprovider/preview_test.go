package kubernetesprovider

import (
	"context"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"phoebe.dev/lab/internal/kubernetesprovider/apitest"
)

// impatient gives up on what is missing soon.
var impatient = wait.Backoff{Duration: 20 * time.Millisecond, Factor: 2, Steps: 3}

func TestPreviewIsADryRun(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	result, err := plugin.preview(configMapToken, "dry", configMap(space, "dry", object{"a": "1"}))
	require.NoError(t, err)
	require.Empty(t, result.id)
	require.NotEmpty(t, result.outputs["metadata"].ObjectValue()["creationTimestamp"], "the server answered it")
	_, err = objects(t, "v1/configmaps", space).Get(context.Background(), "dry", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "and created nothing")

	_, err = plugin.preview(configMapToken, "wrong", configMap(space, "NOT A NAME", object{}))
	require.ErrorContains(t, err, "Invalid value")
}

func TestWhatPassesThePreviewAndFailsTheRun(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	plugin.retry = impatient
	plugin.must(configMapToken, "taken", configMap(space, "taken", object{"a": "1"}))

	for name, program := range map[string]object{
		"what exists":         configMap(space, "taken", object{"a": "2"}),
		"a missing namespace": configMap("nowhere", "lost", object{"a": "1"}),
	} {
		_, err := plugin.preview(configMapToken, "x", program)
		require.NoError(t, err, name)
		_, err = plugin.create(configMapToken, "x", program)
		require.Error(t, err, name)
	}
}

func TestUnreachable(t *testing.T) {
	kubeconfig, err := (&apitest.Cluster{Server: "https://127.205.255.254:1"}).KubeconfigFor("x")
	require.NoError(t, err)
	plugin := configure(t, kubeconfig)
	program := configMap("default", "x", object{"a": "1"})

	result, err := plugin.preview(configMapToken, "x", program)
	require.NoError(t, err, "a preview echoes")
	require.Equal(t, "1", result.outputs["data"].ObjectValue()["a"].StringValue())

	_, err = plugin.create(configMapToken, "x", program)
	require.ErrorContains(t, err, "configured Kubernetes cluster is unreachable")

	old := &state{urn: urnOf(configMapToken, "x"), id: "default/x", inputs: result.inputs, outputs: result.outputs}
	_, err = plugin.read(old)
	require.ErrorContains(t, err, "PULUMI_K8S_DELETE_UNREACHABLE")
	require.ErrorContains(t, plugin.delete(old), "unreachable")

	dropping := configure(t, kubeconfig, "deleteUnreachable", "true")
	gone, err := dropping.read(old)
	require.NoError(t, err)
	require.Nil(t, gone)
	require.NoError(t, dropping.delete(old))
	old.urn = urnOf(releaseToken, "x")
	require.ErrorContains(t, dropping.delete(old), "can't delete Helm Release")

	old.urn = urnOf(configMapToken, "x")
	keeping := configure(t, kubeconfig, "skipUpdateUnreachable", "true")
	kept, err := keeping.read(old)
	require.NoError(t, err)
	require.Equal(t, old.outputs, kept.outputs)
	inputs, err := keeping.check(old.urn, old, configMap("default", "x", object{"a": "2"}))
	require.NoError(t, err)
	require.Equal(t, old.inputs, inputs)
}

func TestABadTokenShowsUnchanged(t *testing.T) {
	program := configMap(namespace(t), "x", object{"a": "1"})
	created := connect(t).must(configMapToken, "x", program)
	kubeconfig, err := apitest.Shared(t).KubeconfigFor("not-the-token")
	require.NoError(t, err)
	plugin := configure(t, kubeconfig)
	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)

	_, err = plugin.create(configMapToken, "y", program)
	require.ErrorContains(t, err, "unable to load schema information from the API server")
}

func TestKubeconfigThatCannotBeReadIsUnreachable(t *testing.T) {
	plugin := configure(t, "this is no kubeconfig")
	_, err := plugin.create(configMapToken, "x", configMap("default", "x", object{}))
	require.ErrorContains(t, err, "unreachable")
}
