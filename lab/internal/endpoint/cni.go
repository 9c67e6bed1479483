package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/kubelet"
)

const askTimeout = 5 * time.Second

// cni asks the API servers whether the cluster's CNI runs, with one client kept per server.
type cni struct {
	clients map[netip.AddrPort]*client
}

type client struct {
	kubernetes.Interface
	http *http.Client
	// cluster is known by its CA.
	cluster string
}

func newCNI() *cni { return &cni{clients: map[netip.AddrPort]*client{}} }

// runs tells whether a CNI's pod is ready on any node. The first API server that answers is believed.
func (c *cni) runs(ctx context.Context, backends []Backend) (bool, error) {
	var failures []error

	for _, b := range backends {
		running, err := c.runsBy(ctx, b)
		if err == nil {
			return running, nil
		}

		c.drop(b.server())

		failures = append(failures, fmt.Errorf("asking %s for the CNI: %w", b.server(), err))
	}

	return false, errors.Join(failures...)
}

func (c *cni) runsBy(ctx context.Context, b Backend) (bool, error) {
	client, err := c.client(b)
	if err != nil {
		return false, err
	}

	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()

	sets, err := client.AppsV1().DaemonSets(metav1.NamespaceAll).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return false, err
	}

	for _, set := range sets.Items {
		if !kubelet.IsCNI(&set.Spec.Template.Spec) {
			continue
		}

		pods, err := client.CoreV1().Pods(set.Namespace).List(ctx, metav1.ListOptions{
			LabelSelector: metav1.FormatLabelSelector(set.Spec.Selector), ResourceVersion: "0",
		})
		if err != nil {
			return false, err
		}

		for _, pod := range pods.Items {
			if pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodRunning && kubelet.IsReady(&pod) {
				return true, nil
			}
		}
	}

	return false, nil
}

// client is kept per server, and made anew when the cluster behind an address is another.
func (c *cni) client(b Backend) (*client, error) {
	var cluster string
	if ca := b.Config.Cluster().IssuingCA(); ca != nil {
		cluster = string(ca.Crt)
	}

	if kept, ok := c.clients[b.server()]; ok && kept.cluster == cluster {
		return kept, nil
	}

	c.drop(b.server())

	access, err := controlplane.AdminRESTConfig(b.Config, "https://"+b.server().String())
	if err != nil {
		return nil, err
	}

	connection, err := rest.HTTPClientFor(access)
	if err != nil {
		return nil, err
	}

	set, err := kubernetes.NewForConfigAndClient(access, connection)
	if err != nil {
		return nil, err
	}

	c.clients[b.server()] = &client{Interface: set, http: connection, cluster: cluster}

	return c.clients[b.server()], nil
}

func (c *cni) drop(server netip.AddrPort) {
	if kept, ok := c.clients[server]; ok {
		kept.http.CloseIdleConnections()
		delete(c.clients, server)
	}
}

func (c *cni) close() {
	for server := range c.clients {
		c.drop(server)
	}
}
