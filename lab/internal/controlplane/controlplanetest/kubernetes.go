package controlplanetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	watchtools "k8s.io/client-go/tools/watch"

	"k8s.io/apimachinery/pkg/watch"
)

// URL of the node's API server.
func (n *Node) URL() string { return fmt.Sprintf("https://%s:6443", n.Address) }

// Kubernetes is an administrator's client of the node's API server, made from its kubeconfig.
func (n *Node) Kubernetes() *kubernetes.Clientset {
	t := n.cluster.t
	t.Helper()

	kubeconfig, err := n.AdminKubeconfig(n.URL())
	require.NoError(t, err)
	access, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	require.NoError(t, err)

	access.QPS, access.Burst = 100, 100
	access.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(access)
	require.NoError(t, err)

	return client
}

// URLs of the API servers that answer.
func (c *Cluster) URLs() []string {
	var urls []string

	for _, n := range c.Running() {
		if n.Status("kube-apiserver").Healthy {
			urls = append(urls, n.URL())
		}
	}

	return urls
}

// AwaitObject watches one object until it is as asked for, and gives it.
func AwaitObject[T runtime.Object](
	t *testing.T, client rest.Interface, resource, namespace, name string, empty T, condition func(T) bool,
) T {
	t.Helper()

	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()

	var last T

	watched := cache.NewListWatchFromClient(client, resource, namespace, fields.OneTermEqualSelector("metadata.name", name))
	_, err := watchtools.UntilWithSync(ctx, watched, empty, nil, func(event watch.Event) (bool, error) {
		object, ok := event.Object.(T)
		if !ok || event.Type == watch.Deleted {
			return false, nil
		}

		last = object

		return condition(object), nil
	})
	require.NoError(t, err, "waiting for %s %s/%s, last seen: %+v", resource, namespace, name, last)

	return last
}
