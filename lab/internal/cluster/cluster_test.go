package cluster

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func node(name string, ready corev1.ConditionStatus) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"node-role.kubernetes.io/control-plane": ""}},
		Status: corev1.NodeStatus{
			NodeInfo:   corev1.NodeSystemInfo{KubeletVersion: "v1.36.3"},
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}, {Type: corev1.NodeInternalIP, Address: "127.204.0.11"}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}},
		},
	}
}

func TestNodes(t *testing.T) {
	c := &Cluster{fake.NewClientset(node("b", corev1.ConditionFalse), node("a", corev1.ConditionTrue))}
	nodes, err := c.Nodes(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Node{
		{Name: "a", Address: "127.204.0.11", Kubernetes: "v1.36.3", ControlPlane: true, Ready: true},
		{Name: "b", Address: "127.204.0.11", Kubernetes: "v1.36.3", ControlPlane: true},
	}, nodes)
}

func TestWaitReadySaysWhatIsMissing(t *testing.T) {
	c := &Cluster{fake.NewClientset(node("a", corev1.ConditionTrue), node("b", corev1.ConditionFalse))}
	require.NoError(t, c.WaitReady(t.Context(), []string{"a"}, "v1.36.3", time.Minute))
	err := c.WaitReady(t.Context(), []string{"a", "b", "c"}, "v1.36.3", time.Millisecond)
	require.ErrorContains(t, err, "b is not ready, c is not in the cluster")
	require.ErrorContains(t, c.WaitReady(t.Context(), []string{"a"}, "v1.37.0", time.Millisecond), "a runs v1.36.3, not v1.37.0")
}

func TestReleasesAreTheLastRevisions(t *testing.T) {
	client := fake.NewClientset()

	records := storage.Init(driver.NewSecrets(client.CoreV1().Secrets("kube-system")))
	for revision, status := range []release.Status{release.StatusSuperseded, release.StatusDeployed} {
		require.NoError(t, records.Create(&release.Release{
			Name: "cilium", Namespace: "kube-system", Version: revision + 1, Info: &release.Info{Status: status},
			Chart: &chart.Chart{Metadata: &chart.Metadata{Name: "cilium", Version: "1.19.1"}},
		}))
	}

	releases, err := (&Cluster{client}).Releases()
	require.NoError(t, err)
	require.Equal(t, []Release{{Namespace: "kube-system", Name: "cilium", Chart: "cilium-1.19.1", Status: "deployed"}}, releases)
}
