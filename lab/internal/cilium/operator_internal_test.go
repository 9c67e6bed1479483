package cilium

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	kubernetesfake "k8s.io/client-go/kubernetes/fake"

	"phoebe.dev/lab/internal/apiservers"
)

// The operator's pod makes the kinds; a Service gets the address that it asks for once a pool for it holds that, and loses it with the pool.
func TestOperator(t *testing.T) {
	service := balanced("kube-apiserver", "10.80.0.8")
	client := &apiservers.Client{
		Interface: kubernetesfake.NewClientset(service, balanced("other", "")),
		Dynamic: dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
			poolResource: "CiliumLoadBalancerIPPoolList", definitions: "CustomResourceDefinitionList",
		}),
	}

	var o operator

	ips := func() []netip.Addr {
		require.NoError(t, o.work(t.Context(), client))
		read, err := client.CoreV1().Services("kube-system").Get(t.Context(), service.Name, metav1.GetOptions{})
		require.NoError(t, err)

		return given(read)
	}
	registered := func() int {
		list, err := client.Dynamic.Resource(definitions).List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)

		return len(list.Items)
	}

	require.Empty(t, ips())
	require.Zero(t, registered(), "without the operator")

	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: "cilium-operator-0", Namespace: "kube-system", UID: "pod", Labels: map[string]string{"io.cilium/app": "operator"},
	}}
	pod.Status.Phase = corev1.PodRunning
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	_, err := client.CoreV1().Pods(pod.Namespace).Create(t.Context(), pod, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Empty(t, ips(), "without a pool")
	require.Equal(t, len(kinds), registered())

	pools := client.Dynamic.Resource(poolResource)
	_, err = pools.Create(t.Context(), poolOf("10.80.0.8/32", service.Name), metav1.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, []netip.Addr{netip.MustParseAddr("10.80.0.8")}, ips())

	other, err := client.CoreV1().Services("kube-system").Get(t.Context(), "other", metav1.GetOptions{})
	require.NoError(t, err)
	require.Empty(t, given(other), "the pool is not for it")
	require.Equal(t, "no_pool", other.Status.Conditions[0].Reason)
	require.Equal(t, metav1.ConditionFalse, other.Status.Conditions[0].Status)

	_, err = pools.Update(t.Context(), poolOf("10.80.0.9/32", service.Name), metav1.UpdateOptions{})
	require.NoError(t, err)
	require.Empty(t, ips(), "no pool holds it any more")
}

func TestChoose(t *testing.T) {
	for name, c := range map[string]struct {
		pool   map[string]any
		asked  string
		taken  string
		wanted string
		reason string
	}{
		"asked for":              {pool: block("cidr", "10.80.0.0/24"), asked: "10.80.0.8", wanted: "10.80.0.8"},
		"not in the pool":        {pool: block("cidr", "10.80.0.0/24"), asked: "10.80.1.8", reason: "not_in_pool"},
		"another has it":         {pool: block("cidr", "10.80.0.0/24"), asked: "10.80.0.8", taken: "10.80.0.8", reason: "already_allocated"},
		"the first":              {pool: block("cidr", "10.80.0.0/30"), wanted: "10.80.0.0"},
		"the first that is free": {pool: block("start", "10.80.0.5", "stop", "10.80.0.6"), taken: "10.80.0.5", wanted: "10.80.0.6"},
		"one alone":              {pool: block("start", "10.80.0.5"), taken: "10.80.0.5", reason: "out_of_ips"},
		"neither first nor last": {pool: with(block("cidr", "10.80.0.0/30"), "allowFirstLastIPs", "No"), wanted: "10.80.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			var spec poolSpec
			require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(c.pool, &spec))
			p, err := spec.read()
			require.NoError(t, err)

			taken := map[netip.Addr]types.UID{}
			if c.taken != "" {
				taken[netip.MustParseAddr(c.taken)] = "another"
			}

			wanted, reason := choose(balanced("one", c.asked), []pool{p}, taken)
			require.Equal(t, c.reason, reason)

			if c.wanted == "" {
				require.Empty(t, wanted)
			} else {
				require.Equal(t, []netip.Addr{netip.MustParseAddr(c.wanted)}, wanted)
			}
		})
	}
}

func balanced(name, ip string) *corev1.Service {
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "kube-system", UID: types.UID(name)}}
	service.Spec.Type = corev1.ServiceTypeLoadBalancer

	if ip != "" {
		service.Annotations = map[string]string{"lbipam.cilium.io/ips": ip}
	}

	return service
}

func poolOf(cidr, service string) *unstructured.Unstructured {
	labels := map[string]any{"io.kubernetes.service.namespace": "kube-system", "io.kubernetes.service.name": service}

	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cilium.io/v2", "kind": "CiliumLoadBalancerIPPool", "metadata": map[string]any{"name": "pool"},
		"spec": with(block("cidr", cidr), "serviceSelector", map[string]any{"matchLabels": labels}),
	}}
}

func block(fields ...string) map[string]any {
	b := map[string]any{}
	for i := 0; i < len(fields); i += 2 {
		b[fields[i]] = fields[i+1]
	}

	return map[string]any{"blocks": []any{b}}
}

func with(spec map[string]any, key string, value any) map[string]any {
	spec[key] = value

	return spec
}
