package kubernetesprovider

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	deploymentToken = "kubernetes:apps/v1:Deployment"
	daemonSetToken  = "kubernetes:apps/v1:DaemonSet"
)

func workload(kind, namespace, name string, annotations object) object {
	labels := object{"app": name}

	return object{
		"apiVersion": "apps/v1", "kind": kind,
		"metadata": object{"namespace": namespace, "name": name, "annotations": annotations},
		"spec": object{
			"selector": object{"matchLabels": labels},
			"template": object{
				"metadata": object{"labels": labels},
				"spec": object{"containers": []any{object{
					"name": "main", "image": "example/none", "resources": object{"requests": object{"cpu": "1000m"}},
				}}},
			},
		},
	}
}

// report plays the controller that nobody runs here: once the object is there it gets the status.
func report(t *testing.T, path, namespace, name string, status object) {
	t.Helper()
	client := objects(t, path, namespace)
	require.NoError(t, wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		live, err := client.Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}

		if err != nil {
			return false, err
		}

		status["observedGeneration"] = live.GetGeneration()

		patch, err := json.Marshal(object{"status": status})
		if err != nil {
			return false, err
		}

		_, err = client.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")

		return err == nil, err
	}))
}

func TestFailedWaitIsKeptAndWaitedForAgain(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := workload("Deployment", space, "slow", object{timeoutAnnotation: "1"})
	failed, err := plugin.create(deploymentToken, "slow", program)
	require.ErrorContains(t, err, "failed to fully initialize or become live")
	require.ErrorContains(t, err, "its spec has not been observed yet")
	require.Equal(t, space+"/slow", failed.id, "it stays in the state")
	require.True(t, failed.outputs.HasValue("__inputs"))

	_, err = plugin.read(failed)
	require.NotNil(t, initFailure(err), "a refresh says so too")
	_, err = plugin.update(failed, program)
	require.ErrorContains(t, err, "failed to fully initialize", "the next run waits again")

	report(t, "apps/v1/deployments", space, "slow", object{"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1})

	_, err = plugin.update(failed, program)
	require.NoError(t, err)
	refreshed, err := plugin.read(failed)
	require.NoError(t, err)

	response, _ := plugin.diff(refreshed, program)
	require.Empty(t, response.DetailedDiff, "cpu 1000m and 1 are the same")
}

func TestDaemonSetWaitsForAllPods(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := workload("DaemonSet", space, "agent", object{})
	done := make(chan error, 1)

	go func() {
		_, err := plugin.create(daemonSetToken, "agent", program)
		done <- err
	}()

	report(t, "apps/v1/daemonsets", space, "agent", object{
		"desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 2,
		"numberReady": 1, "numberAvailable": 1, "numberMisscheduled": 0,
	})

	select {
	case err := <-done:
		t.Fatalf("did not wait for the second pod: %v", err)
	default:
	}

	report(t, "apps/v1/daemonsets", space, "agent", object{"numberReady": 2, "numberAvailable": 2})
	require.NoError(t, <-done)
}

func TestSkipAwait(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	plugin.must(deploymentToken, "unawaited", workload("Deployment", space, "unawaited", object{skipAwaitAnnotation: "true"}))
}

func TestCancelEndsAWait(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	done := make(chan error, 1)

	go func() {
		_, err := plugin.create(deploymentToken, "endless", workload("Deployment", space, "endless", object{}))
		done <- err
	}()

	report(t, "apps/v1/deployments", space, "endless", object{"replicas": 1})

	_, err := plugin.Cancel(context.Background(), nil)
	require.NoError(t, err)
	require.NotNil(t, initFailure(<-done), "what was made stays in the state")
}

func TestSelectorReplaces(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	created := plugin.must(deploymentToken, "one", workload("Deployment", space, "one", object{skipAwaitAnnotation: "true"}))
	program := workload("Deployment", space, "one", object{skipAwaitAnnotation: "true"})
	program["spec"].(object)["selector"] = object{"matchLabels": object{"app": "two"}}
	response, _ := plugin.diff(created, program)
	require.Equal(t, []string{"spec.selector.matchLabels.app"}, response.Replaces)
}
