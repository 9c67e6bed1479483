package kubelet_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/controlplane/controlplanetest"
	"phoebe.dev/lab/internal/kubelet"
)

// missSoon has the controller manager miss a node within the test's patience, and less than a kubelet's two heartbeats.
func missSoon(cfg *v1alpha1.Config) {
	cfg.ClusterConfig.ControllerManagerConfig.ExtraArgsConfig = v1alpha1.Args{"node-monitor-grace-period": v1alpha1.NewArgValue("5s", nil)}
}

// A cluster of a control plane node and a worker: what its Nodes and pods show from the first registration to a power cut.
func TestNodeLife(t *testing.T) {
	cluster := controlplanetest.NewCluster(t, "https://127.202.2.11:6443")
	c1 := cluster.Start("c1", "127.202.2.11", missSoon)
	first := start(t, cluster, c1.Hostname, c1.Address, c1.Config, c1, "boot 1")
	c1.Await("etcd", func(s controlplane.Status) bool { return s.State == controlplane.Preparing })
	require.NoError(t, c1.Bootstrap(t.Context()))
	c1.AwaitHealthy()

	worker := cluster.Config(machine.TypeWorker, func(cfg *v1alpha1.Config) {
		cfg.MachineConfig.MachineNodeLabels = map[string]string{"example.org/rack": "7"}
	})
	w1 := start(t, cluster, "w1", netip.MustParseAddr("127.202.2.21"), worker, nil, "boot 1")
	client := c1.Kubernetes()

	t.Run("nodes register, not ready without a CNI", func(t *testing.T) {
		node := awaitNode(t, client, "c1", func(n *corev1.Node) bool {
			_, labelled := n.Labels["node-role.kubernetes.io/control-plane"]

			return labelled && ready(n) != nil
		})
		require.Equal(t, corev1.ConditionFalse, ready(node).Status)
		require.Equal(t, "KubeletNotReady", ready(node).Reason)
		require.Contains(t, ready(node).Message, "cni plugin not initialized")
		require.Equal(t, "v"+controlplanetest.KubernetesVersion, node.Status.NodeInfo.KubeletVersion)
		require.Equal(t, "Talos (v1.13.3)", node.Status.NodeInfo.OSImage)
		require.Contains(t, node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "127.202.2.11"})
		require.True(t, hasTaint(node, "node-role.kubernetes.io/control-plane"))

		node = awaitNode(t, client, "w1", func(n *corev1.Node) bool { return n.Labels["example.org/rack"] == "7" })
		require.False(t, hasTaint(node, "node-role.kubernetes.io/control-plane"))
		require.Equal(t, controlplane.Running, w1.Status().State)
		require.True(t, w1.Status().Healthy)
	})

	t.Run("static pods are mirrored", func(t *testing.T) {
		pod := awaitPod(t, client, metav1.NamespaceSystem, "kube-apiserver-c1", kubelet.IsReady)
		require.Equal(t, "127.202.2.11", pod.Status.HostIP)
		require.Equal(t, "10.202.2.11", pod.Status.PodIP, "what can be behind a Service")
		require.Equal(t, "1", pod.Annotations["talos.dev/config-version"])
		require.NotEmpty(t, pod.Annotations["kubernetes.io/config.mirror"])
		require.Equal(t, "registry.k8s.io/kube-apiserver:v"+controlplanetest.KubernetesVersion, pod.Spec.Containers[0].Image)
		require.Equal(t, c1.Arguments("kube-apiserver"), pod.Spec.Containers[0].Command[1:])
	})

	create(t, client, "web", deployment("web", nil))
	create(t, client, "needy", deployment("needy", func(spec *corev1.PodSpec) {
		spec.Volumes = []corev1.Volume{{Name: "key", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "key"}}}}
	}))

	_, err := client.AppsV1().DaemonSets(metav1.NamespaceSystem).Create(t.Context(), controlplanetest.CNI(), metav1.CreateOptions{})
	require.NoError(t, err)

	t.Run("the CNI's pod makes nodes ready and lets other pods start", func(t *testing.T) {
		for _, name := range []string{"c1", "w1"} {
			awaitNode(t, client, name, func(n *corev1.Node) bool { return ready(n).Status == corev1.ConditionTrue })
		}

		awaitAvailable(t, client, "web")

		pod := onlyPod(t, client, "web")
		require.Equal(t, "w1", pod.Spec.NodeName)
		require.True(t, strings.HasPrefix(pod.Status.PodIP, "10.244."), pod.Status.PodIP)
		require.NotNil(t, pod.Status.InitContainerStatuses[0].State.Terminated)
	})

	t.Run("a pod waits for its Secret", func(t *testing.T) {
		require.Equal(t, corev1.PodPending, onlyPod(t, client, "needy").Status.Phase)
		_, err := client.CoreV1().Secrets("default").Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "key"}}, metav1.CreateOptions{})
		require.NoError(t, err)
		awaitAvailable(t, client, "needy")
	})

	t.Run("a Job completes", func(t *testing.T) { completeJob(t, client, "once") })

	t.Run("a deleted pod goes and is replaced", func(t *testing.T) {
		old := onlyPod(t, client, "web")
		require.NoError(t, client.CoreV1().Pods("default").Delete(t.Context(), old.Name, metav1.DeleteOptions{}))
		controlplanetest.AwaitObject(t, client.AppsV1().RESTClient(), "deployments", "default", "web", &appsv1.Deployment{},
			func(d *appsv1.Deployment) bool {
				return d.Status.AvailableReplicas == 1 && onlyPod(t, client, "web").UID != old.UID
			})
	})

	// The Deployment may still count the old pod as available.
	before := awaitPod(t, client, "default", onlyPod(t, client, "web").Name, kubelet.IsReady)

	t.Run("a kubelet that is restarted alone leaves its pods running", func(t *testing.T) {
		w1.stop()
		w1 = start(t, cluster, "w1", netip.MustParseAddr("127.202.2.21"), worker, nil, "boot 1")
		completeJob(t, client, "again")
		require.Equal(t, before.Status.ContainerStatuses, onlyPod(t, client, "web").Status.ContainerStatuses)
	})

	t.Run("a node without power is missed, and its pods restart with it", func(t *testing.T) {
		w1.stop()
		awaitNode(t, client, "w1", func(n *corev1.Node) bool { return ready(n).Status == corev1.ConditionUnknown })
		w1 = start(t, cluster, "w1", netip.MustParseAddr("127.202.2.21"), worker, nil, "boot 2")
		awaitNode(t, client, "w1", func(n *corev1.Node) bool { return ready(n).Status == corev1.ConditionTrue })

		pod := awaitPod(t, client, "default", before.Name, func(p *corev1.Pod) bool {
			return kubelet.IsReady(p) && p.Status.ContainerStatuses[0].RestartCount == 1
		})
		require.Equal(t, before.UID, pod.UID)
	})

	t.Run("labels and taints follow the machine config", func(t *testing.T) {
		first.Update(cluster.Config(machine.TypeControlPlane, func(cfg *v1alpha1.Config) {
			yes := true
			cfg.ClusterConfig.AllowSchedulingOnControlPlanes = &yes
			cfg.MachineConfig.MachineNodeLabels = map[string]string{"node-role.kubernetes.io/extra": ""}
		}))

		node := awaitNode(t, client, "c1", func(n *corev1.Node) bool { return !hasTaint(n, "node-role.kubernetes.io/control-plane") })
		require.Contains(t, node.Labels, "node-role.kubernetes.io/extra")
	})
}

type running struct {
	*kubelet.Kubelet
	stop func()
}

func start(
	t *testing.T, cluster *controlplanetest.Cluster, hostname string, address netip.Addr, cfg config.Provider, plane *controlplanetest.Node, boot string,
) running {
	t.Helper()

	options := kubelet.Options{
		Hostname: hostname, Address: address, Config: cfg, Dir: filepath.Join(cluster.Dir(), hostname, "kubelet"), APIServers: cluster.URLs,
		Output: t.Output(), Changed: func() {}, BootID: boot,
	}
	if plane != nil {
		options.StaticPods = func() []controlplane.Status { return plane.Statuses() }
	}

	made, err := kubelet.New(options)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)

	go func() { ended <- made.Run(ctx) }()

	stop := func() {
		cancel()

		if err, open := <-ended; open {
			require.NoError(t, err)
			close(ended)
		}
	}
	t.Cleanup(stop)

	return running{made, stop}
}

func ready(node *corev1.Node) *corev1.NodeCondition {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return &condition
		}
	}

	return nil
}

func hasTaint(node *corev1.Node, key string) bool {
	for _, taint := range node.Spec.Taints {
		if taint.Key == key {
			return true
		}
	}

	return false
}

func deployment(name string, change func(*corev1.PodSpec)) *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name}}
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
	d.Spec.Template.Labels = d.Spec.Selector.MatchLabels
	d.Spec.Template.Spec.InitContainers = []corev1.Container{{Name: "before", Image: name}}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: name, Image: name}}

	if change != nil {
		change(&d.Spec.Template.Spec)
	}

	return d
}

func create(t *testing.T, client *kubernetes.Clientset, name string, d *appsv1.Deployment) {
	t.Helper()

	_, err := client.AppsV1().Deployments("default").Create(t.Context(), d, metav1.CreateOptions{})
	require.NoError(t, err, name)
}

func completeJob(t *testing.T, client *kubernetes.Clientset, name string) {
	t.Helper()

	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name}}
	job.Spec.Template.Spec = corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: name, Image: name}}}
	_, err := client.BatchV1().Jobs("default").Create(t.Context(), job, metav1.CreateOptions{})
	require.NoError(t, err)
	controlplanetest.AwaitObject(t, client.BatchV1().RESTClient(), "jobs", "default", name, &batchv1.Job{},
		func(job *batchv1.Job) bool { return job.Status.Succeeded == 1 && job.Status.CompletionTime != nil })
}

func onlyPod(t *testing.T, client *kubernetes.Clientset, app string) *corev1.Pod {
	t.Helper()

	list, err := client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{
		LabelSelector: labels.SelectorFromSet(labels.Set{"app": app}).String(),
	})
	require.NoError(t, err)
	require.NotEmpty(t, list.Items)

	return &list.Items[0]
}

func awaitNode(t *testing.T, client *kubernetes.Clientset, name string, condition func(*corev1.Node) bool) *corev1.Node {
	t.Helper()

	return controlplanetest.AwaitObject(t, client.CoreV1().RESTClient(), "nodes", "", name, &corev1.Node{}, condition)
}

func awaitPod(t *testing.T, client *kubernetes.Clientset, namespace, name string, condition func(*corev1.Pod) bool) *corev1.Pod {
	t.Helper()

	return controlplanetest.AwaitObject(t, client.CoreV1().RESTClient(), "pods", namespace, name, &corev1.Pod{}, condition)
}

func awaitAvailable(t *testing.T, client *kubernetes.Clientset, name string) {
	t.Helper()
	controlplanetest.AwaitObject(t, client.AppsV1().RESTClient(), "deployments", "default", name, &appsv1.Deployment{},
		func(d *appsv1.Deployment) bool { return d.Status.AvailableReplicas == 1 })
}
