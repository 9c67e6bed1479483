package controlplane_test

import (
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/controlplane/controlplanetest"
)

func TestManifestsFollowTheConfig(t *testing.T) {
	cluster := controlplanetest.NewCluster(t, "https://127.202.1.20:6443")

	plain, err := controlplane.Manifests(cluster.Config(machine.TypeControlPlane))
	require.NoError(t, err)
	require.Equal(t, []string{"00-kubelet-bootstrapping-token", "01-node-bootstrap", "11-talos-node-rbac-template"}, ids(plain))

	full, err := controlplane.Manifests(cluster.Config(machine.TypeControlPlane, func(cfg *v1alpha1.Config) {
		cfg.ClusterConfig.ProxyConfig, cfg.ClusterConfig.CoreDNSConfig = nil, nil
		cfg.ClusterConfig.ClusterNetwork.CNI.CNIName = "flannel"
		cfg.ClusterConfig.ClusterInlineManifests = v1alpha1.ClusterInlineManifests{
			{InlineManifestName: "two", InlineManifestContents: "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n"},
		}
	}))
	require.NoError(t, err)
	require.Equal(t, []string{
		"00-kubelet-bootstrapping-token", "01-node-bootstrap", "05-flannel", "10-kube-proxy", "11-core-dns", "11-talos-node-rbac-template", "99-two",
	}, ids(full))
	require.Len(t, full[6].Objects, 2)
}

func ids(manifests []controlplane.Manifest) []string {
	var ids []string
	for _, m := range manifests {
		ids = append(ids, m.ID)
	}

	return ids
}
