package endpoint_test

//lint:file-ignore SA1019 the fields are what configs of every Talos have

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/network"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/controlplane/controlplanetest"
	"phoebe.dev/lab/internal/endpoint"
	"phoebe.dev/lab/internal/kubelet"
)

// A virtual IP answers with the API server behind it; another address while the network runs and a Service was given it that has the API server
// behind it; a node's own is left to the node.
func TestServe(t *testing.T) {
	cluster := controlplanetest.NewCluster(t, "https://127.202.3.8:6443")
	c1 := cluster.Start("c1", "127.202.3.11", func(cfg *v1alpha1.Config) {
		cfg.MachineConfig.MachineNetwork = &v1alpha1.NetworkConfig{NetworkInterfaces: v1alpha1.NetworkDeviceList{
			{DeviceInterface: "eth0", DeviceVIPConfig: &v1alpha1.DeviceVIPConfig{SharedIP: "10.202.3.9"}},
		}}
	})
	runKubelet(t, cluster, c1)

	backends := func() []endpoint.Backend {
		var all []endpoint.Backend
		for _, n := range cluster.Running() {
			all = append(all, endpoint.Backend{Address: n.Address, Config: n.Config, APIServing: n.Status("kube-apiserver").Healthy})
		}

		return all
	}

	virtual := serve(t, "127.202.3.9:6443", backends)
	balanced := serve(t, "127.202.3.8:6443", backends)
	own := serve(t, "127.202.3.11:6445", backends)

	c1.Await("etcd", func(s controlplane.Status) bool { return s.State == controlplane.Preparing })
	require.False(t, answers("127.202.3.9:6443"), "before the bootstrap")
	require.NoError(t, c1.Bootstrap(t.Context()))
	c1.AwaitHealthy()

	virtual.await(t, "endpoint 127.202.3.9:6443 answers")
	require.True(t, answers("127.202.3.9:6443"))
	require.False(t, answers("127.202.3.8:6443"), "without a CNI")

	client := c1.Kubernetes()
	sets := client.AppsV1().DaemonSets(metav1.NamespaceSystem)
	_, err := sets.Create(t.Context(), controlplanetest.CNI(), metav1.CreateOptions{})
	require.NoError(t, err)
	controlplanetest.AwaitObject(t, client.AppsV1().RESTClient(), "daemonsets", metav1.NamespaceSystem, "cni", &appsv1.DaemonSet{},
		func(d *appsv1.DaemonSet) bool { return d.Status.NumberReady == 1 })
	give(t, client, "kubelets", map[string]string{"k8s-app": "kubelet"})
	give(t, client, "kube-apiserver", map[string]string{"k8s-app": "kube-apiserver"})
	balanced.await(t, "endpoint 127.202.3.8:6443 answers, by [127.202.3.11:6443]")
	require.True(t, answers("127.202.3.8:6443"))

	open := dial(t, "127.202.3.8:6443")

	require.NoError(t, sets.Delete(t.Context(), "cni", metav1.DeleteOptions{}))
	balanced.await(t, "endpoint 127.202.3.8:6443 no longer answers")
	require.False(t, answers("127.202.3.8:6443"), "after the CNI went")

	_, err = io.ReadAll(open)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "an open connection ends with the endpoint")

	c1.Stop()
	virtual.await(t, "endpoint 127.202.3.9:6443 no longer answers")
	require.Empty(t, own.String(), "a node's own address")
}

func TestLayer2VIP(t *testing.T) {
	document := network.NewLayer2VIPConfigV1Alpha1("10.202.3.30")
	cluster := controlplanetest.NewCluster(t, "https://127.202.3.30:6443")
	cfg, err := container.New(append(cluster.Config(machine.TypeControlPlane).Documents(), document)...)
	require.NoError(t, err)

	log := serve(t, "127.202.3.30:6443", func() []endpoint.Backend {
		return []endpoint.Backend{{Address: netip.MustParseAddr("127.202.3.31"), Config: cfg, APIServing: true}}
	})
	log.await(t, "answers, by [127.202.3.31:6443]")
}

func runKubelet(t *testing.T, cluster *controlplanetest.Cluster, n *controlplanetest.Node) {
	t.Helper()

	agent, err := kubelet.New(kubelet.Options{
		Hostname: n.Hostname, Address: n.Address, Config: n.Config, Dir: filepath.Join(cluster.Dir(), "kubelet"), APIServers: cluster.URLs,
		StaticPods: n.Statuses, Output: io.Discard, Changed: func() {},
	})
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)

	go func() { ended <- agent.Run(ctx) }()

	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
}

// give makes a Service of these pods, with the address that a load balancer gave it.
func give(t *testing.T, client kubernetes.Interface, name string, pods map[string]string) {
	t.Helper()

	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}}
	service.Spec = corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Selector: pods, Ports: []corev1.ServicePort{{Port: 6443}}}
	made, err := client.CoreV1().Services(metav1.NamespaceSystem).Create(t.Context(), service, metav1.CreateOptions{})
	require.NoError(t, err)

	made.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "10.202.3.8"}}
	_, err = client.CoreV1().Services(metav1.NamespaceSystem).UpdateStatus(t.Context(), made, metav1.UpdateOptions{})
	require.NoError(t, err)
}

func serve(t *testing.T, at string, backends func() []endpoint.Backend) *log {
	t.Helper()

	output := &log{changed: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)

	go func() { ended <- endpoint.Serve(ctx, netip.MustParseAddrPort(at), backends, output) }()

	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		require.False(t, answers(at), "after its end")
	})

	return output
}

// answers tells whether something speaks TLS there.
func answers(at string) bool {
	connection, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true}) // who answers is not the question
	if err != nil {
		return false
	}

	return connection.Close() == nil
}

func dial(t *testing.T, at string) net.Conn {
	t.Helper()

	connection, err := net.Dial("tcp", at)
	require.NoError(t, err)
	require.NoError(t, connection.SetReadDeadline(time.Now().Add(controlplanetest.Patience)))
	t.Cleanup(func() { _ = connection.Close() })

	return connection
}

// log is an endpoint's output that can be waited for.
type log struct {
	mutex   sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

func (l *log) Write(data []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	close(l.changed)
	l.changed = make(chan struct{})

	return l.text.Write(data)
}

func (l *log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	return l.text.String()
}

func (l *log) await(t *testing.T, line string) {
	t.Helper()

	for deadline := time.After(controlplanetest.Patience); ; {
		l.mutex.Lock()
		text, changed := l.text.String(), l.changed
		l.mutex.Unlock()

		if strings.Contains(text, line) {
			return
		}

		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited for %q, got:\n%s", line, text)
		}
	}
}
