package kubernetesprovider

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// endless is a chart whose Deployment nobody makes available.
func endless(t *testing.T) string {
	return chartOf(t, "endless", "1.0.0", map[string]string{"templates/deployment.yaml": deploymentTemplate})
}

func TestReleaseThatTimesOutIsKeptAndUpgraded(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": endless(t), "name": "one", "namespace": space, "timeout": 1.0}
	failed, err := plugin.create(releaseToken, "one", program)
	require.ErrorContains(t, err, "failed to initialize completely")
	require.NotNil(t, failed, "it stays in the state")
	require.Equal(t, space+"/one", failed.id)
	require.Equal(t, "failed", failed.outputs["status"].ObjectValue()["status"].StringValue())

	program["values"] = object{"replicas": 0.0}
	program["skipAwait"] = true
	updated, err := plugin.update(failed, program)
	require.NoError(t, err)
	require.Equal(t, "deployed", updated.outputs["status"].ObjectValue()["status"].StringValue())
	require.Equal(t, 2.0, updated.outputs["status"].ObjectValue()["revision"].NumberValue())
}

func TestUpgradeThatTimesOutIsKept(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": endless(t), "name": "one", "namespace": space, "skipAwait": true}
	created := plugin.must(releaseToken, "one", program)
	program["skipAwait"], program["timeout"] = false, 1.0
	failed, err := plugin.update(created, program)
	require.ErrorContains(t, err, "error running update")
	require.Equal(t, "failed", failed.outputs["status"].ObjectValue()["status"].StringValue())
}

func TestAtomicReleaseKeepsNothing(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	failed, err := plugin.create(releaseToken, "one", object{"chart": endless(t), "name": "one", "namespace": space, "timeout": 1.0, "atomic": true})
	require.Error(t, err)
	require.Nil(t, failed)
	require.Empty(t, records(t, space))
	_, err = objects(t, "apps/v1/deployments", space).Get(context.Background(), "one", metav1.GetOptions{})
	require.Error(t, err)
}

func TestReleaseWithADaemonSetPassesWithNothingReady(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	chart := chartOf(t, "agent", "1.0.0", map[string]string{"templates/agent.yaml": daemonSetTemplate})
	done := make(chan error, 1)

	go func() {
		_, err := plugin.create(releaseToken, "agent", object{"chart": chart, "name": "agent", "namespace": space})
		done <- err
	}()

	report(t, "apps/v1/daemonsets", space, "agent", object{
		"desiredNumberScheduled": 1, "currentNumberScheduled": 1, "updatedNumberScheduled": 1, "numberReady": 0, "numberMisscheduled": 0,
	})
	require.NoError(t, <-done, "one may be unavailable, and there is only one")
}

func TestCancelMarksAReleaseAsFailed(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	done := make(chan error, 1)

	go func() {
		_, err := plugin.create(releaseToken, "one", object{"chart": endless(t), "name": "one", "namespace": space})
		done <- err
	}()

	awaitRecord(t, space, "sh.helm.release.v1.one.v1")

	_, err := plugin.Cancel(context.Background(), nil)
	require.NoError(t, err)
	require.Error(t, <-done)
	require.Equal(t, "failed", recordOf(t, space, "sh.helm.release.v1.one.v1"))
}

// recordOf is the status that Helm wrote on a release Secret.
func recordOf(t *testing.T, namespace, name string) string {
	t.Helper()
	live, err := objects(t, "v1/secrets", namespace).Get(context.Background(), name, metav1.GetOptions{})
	require.NoError(t, err)

	return live.GetLabels()["status"]
}

func awaitRecord(t *testing.T, namespace, name string) {
	t.Helper()
	client := objects(t, "v1/secrets", namespace)
	require.NoError(t, wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 60*time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := client.Get(ctx, name, metav1.GetOptions{})

		return err == nil, nil
	}))
}
