package readiness

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type object = map[string]any

func TestVerdicts(t *testing.T) {
	for name, test := range map[string]struct {
		apiVersion, kind string
		spec, status     object
		want             Verdict
	}{
		"Deployment, available": {"apps/v1", "Deployment", object{"replicas": int64(2)},
			object{"observedGeneration": int64(3), "replicas": int64(2), "updatedReplicas": int64(2), "availableReplicas": int64(2)}, ready},
		"Deployment, not observed": {"apps/v1", "Deployment", object{}, object{}, waiting("its spec has not been observed yet")},
		"Deployment, old replicas": {"apps/v1", "Deployment", object{},
			object{"observedGeneration": int64(3), "replicas": int64(2), "updatedReplicas": int64(1), "availableReplicas": int64(2)}, waiting("1 old replicas are still there")},
		"Deployment, given up": {"apps/v1", "Deployment", object{}, object{"observedGeneration": int64(3), "conditions": []any{
			object{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too slow"},
		}}, failed("[ProgressDeadlineExceeded] too slow")},
		"DaemonSet, none desired": {"apps/v1", "DaemonSet", object{}, object{"observedGeneration": int64(3)}, ready},
		"DaemonSet, one missing": {"apps/v1", "DaemonSet", object{}, object{"observedGeneration": int64(3), "desiredNumberScheduled": int64(1),
			"currentNumberScheduled": int64(1), "updatedNumberScheduled": int64(1), "numberAvailable": int64(0)}, waiting("0 of 1 pods are available")},
		"StatefulSet, rolling": {"apps/v1", "StatefulSet", object{}, object{"observedGeneration": int64(3), "replicas": int64(1), "readyReplicas": int64(1),
			"currentRevision": "a", "updateRevision": "b"}, waiting("0 of 1 replicas are updated")},
		"StatefulSet, ready": {"apps/v1", "StatefulSet", object{}, object{"observedGeneration": int64(3), "replicas": int64(1), "readyReplicas": int64(1),
			"currentRevision": "a", "updateRevision": "a"}, ready},
		"Job, complete": {"batch/v1", "Job", object{}, object{"conditions": []any{object{"type": "Complete", "status": "True"}}}, ready},
		"Job, failed": {"batch/v1", "Job", object{}, object{"conditions": []any{
			object{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "again and again"},
		}}, failed("[BackoffLimitExceeded] again and again")},
		"Pod, running but not ready": {"v1", "Pod", object{}, object{"phase": "Running"}, waiting(`its phase is "Running"`)},
		"Pod, ready":                 {"v1", "Pod", object{}, object{"conditions": []any{object{"type": "Ready", "status": "True"}}}, ready},
		"PersistentVolume, bound":    {"v1", "PersistentVolume", object{}, object{"phase": "Bound"}, ready},
		"PersistentVolumeClaim":      {"v1", "PersistentVolumeClaim", object{}, object{"phase": "Bound"}, ready},
		"Service, headless":          {"v1", "Service", object{"clusterIP": "None", "selector": object{"a": "b"}}, object{}, ready},
		"Service, without selector":  {"v1", "Service", object{"clusterIP": "10.0.0.1"}, object{}, ready},
		"Service, no balancer":       {"v1", "Service", object{"type": "LoadBalancer"}, object{}, waiting("no load balancer has given it an address")},
		"Ingress, no address":        {"networking.k8s.io/v1", "Ingress", object{}, object{}, waiting("no controller has given it an address")},
		"Namespace":                  {"v1", "Namespace", object{}, object{}, ready},
		"ConfigMap":                  {"v1", "ConfigMap", object{}, object{}, ready},
		"CustomResourceDefinition":   {"apiextensions.k8s.io/v1", "CustomResourceDefinition", object{}, object{}, ready},
		"a custom resource":          {"cilium.io/v2", "Deployment", object{}, object{}, ready},
	} {
		t.Run(name, func(t *testing.T) {
			verdict, err := Check(context.Background(), nil, &unstructured.Unstructured{Object: object{
				"apiVersion": test.apiVersion, "kind": test.kind, "metadata": object{"name": "x", "generation": int64(3)},
				"spec": test.spec, "status": test.status,
			}})
			require.NoError(t, err)
			require.Equal(t, test.want, verdict)
		})
	}
}

func TestEndpoints(t *testing.T) {
	list := func(ready ...bool) *unstructured.UnstructuredList {
		endpoints := []any{}
		for _, isReady := range ready {
			endpoints = append(endpoints, object{"addresses": []any{"10.0.0.1"}, "conditions": object{"ready": isReady}})
		}

		return &unstructured.UnstructuredList{Items: []unstructured.Unstructured{{Object: object{"endpoints": endpoints}}}}
	}
	for _, test := range []struct {
		list *unstructured.UnstructuredList
		want bool
	}{{list(), false}, {list(true), true}, {list(true, false), false}, {list(false), false}} {
		verdict, err := endpoints(test.list)
		require.NoError(t, err)
		require.Equal(t, test.want, verdict.Ready)
	}
}
