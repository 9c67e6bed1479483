// Package cluster looks at a Kubernetes cluster as kubectl and helm would.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is one that answers.
type Cluster struct{ client kubernetes.Interface }

// Node is one node of it.
type Node struct {
	Name, Address, Kubernetes string
	ControlPlane, Ready       bool
}

// Release is one Helm release in it.
type Release struct{ Namespace, Name, Chart, Status string }

// Connect reads a kubeconfig.
func Connect(kubeconfig []byte) (*Cluster, error) {
	config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig of the stack: %w", err)
	}

	config.Timeout = 10 * time.Second
	client, err := kubernetes.NewForConfig(config)

	return &Cluster{client}, err
}

// Nodes are all nodes, by name.
func (c *Cluster) Nodes(ctx context.Context) ([]Node, error) {
	list, err := c.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}

	nodes := make([]Node, 0, len(list.Items))
	for _, item := range list.Items {
		_, controlPlane := item.Labels["node-role.kubernetes.io/control-plane"]
		nodes = append(nodes, Node{
			Name: item.Name, Address: address(item), Kubernetes: item.Status.NodeInfo.KubeletVersion, ControlPlane: controlPlane, Ready: ready(item),
		})
	}

	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })

	return nodes, nil
}

func address(node corev1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}

	return ""
}

func ready(node corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// WaitReady waits until every named node is there and ready at a version of Kubernetes. It says at the end what was missing.
func (c *Cluster) WaitReady(ctx context.Context, names []string, kubernetesVersion string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()

	for {
		missing, err := c.missing(ctx, names, kubernetesVersion)
		if err == nil && len(missing) == 0 {
			return nil
		}

		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("after %s: %s", limit, strings.Join(missing, ", ")), err)
		case <-ticker.C:
		}
	}
}

func (c *Cluster) missing(ctx context.Context, names []string, kubernetesVersion string) ([]string, error) {
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return []string{"the cluster does not answer"}, err
	}

	var missing []string

	for _, name := range names {
		i := slices.IndexFunc(nodes, func(n Node) bool { return n.Name == name })
		switch {
		case i < 0:
			missing = append(missing, name+" is not in the cluster")
		case !nodes[i].Ready:
			missing = append(missing, name+" is not ready")
		case nodes[i].Kubernetes != kubernetesVersion:
			missing = append(missing, fmt.Sprintf("%s runs %s, not %s", name, nodes[i].Kubernetes, kubernetesVersion))
		}
	}

	return missing, nil
}

// Releases are the last revisions of all Helm releases.
func (c *Cluster) Releases() ([]Release, error) {
	all, err := storage.Init(driver.NewSecrets(c.client.CoreV1().Secrets(metav1.NamespaceAll))).ListReleases()
	if err != nil {
		return nil, err
	}

	last := map[string]*release.Release{}

	for _, revision := range all {
		key := revision.Namespace + "/" + revision.Name
		if last[key] == nil || last[key].Version < revision.Version {
			last[key] = revision
		}
	}

	releases := make([]Release, 0, len(last))
	for _, revision := range last {
		releases = append(releases, Release{
			Namespace: revision.Namespace, Name: revision.Name, Status: revision.Info.Status.String(),
			Chart: revision.Chart.Metadata.Name + "-" + revision.Chart.Metadata.Version,
		})
	}

	slices.SortFunc(releases, func(a, b Release) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})

	return releases, nil
}
