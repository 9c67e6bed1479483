package controlplane_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/controlplane/controlplanetest"
)

// One cluster lives through what happens to a cluster: a bootstrap, joins, a power cut, a crash, a change and a farewell.
func TestClusterLife(t *testing.T) {
	cluster := controlplanetest.NewCluster(t, "https://127.202.1.11:6443")
	c1 := cluster.Start("c1", "127.202.1.11", func(cfg *v1alpha1.Config) {
		cfg.ClusterConfig.ProxyConfig, cfg.ClusterConfig.CoreDNSConfig = nil, nil
		cfg.ClusterConfig.ClusterNetwork.CNI.CNIName = "flannel"
	})
	c2 := cluster.Start("c2", "127.202.1.12")

	for _, n := range []*controlplanetest.Node{c1, c2} {
		n.Await("etcd", func(s controlplane.Status) bool { return s.State == controlplane.Preparing })
	}

	require.NoError(t, c1.Bootstrap(within(t)))
	require.ErrorIs(t, c1.Bootstrap(within(t)), controlplane.ErrAlreadyExists)
	c2.AwaitHealthy("etcd")
	require.ErrorIs(t, c2.Bootstrap(within(t)), controlplane.ErrAlreadyExists)

	// What a join that crashed leaves behind keeps every other learner out, but not its own node.
	_, err := etcdOf(t, c1).MemberAddAsLearner(within(t), []string{"https://127.202.1.13:2380"})
	require.NoError(t, err)

	c3 := cluster.Start("c3", "127.202.1.13")

	for _, n := range cluster.Running() {
		n.AwaitHealthy()
	}

	before := members(t, c1)
	require.Len(t, before, 3)

	for _, member := range before {
		require.False(t, member.learner, "%+v", member)
	}

	t.Run("bootstrap manifests are applied", func(t *testing.T) {
		client := c1.Kubernetes()
		for _, name := range []string{"kube-flannel", "kube-proxy"} {
			controlplanetest.AwaitObject(t, client.AppsV1().RESTClient(), "daemonsets", "kube-system", name, &appsv1.DaemonSet{},
				func(d *appsv1.DaemonSet) bool { return d.Status.ObservedGeneration > 0 })
		}

		controlplanetest.AwaitObject(t, client.AppsV1().RESTClient(), "deployments", "kube-system", "coredns", &appsv1.Deployment{},
			func(d *appsv1.Deployment) bool { return d.Status.Replicas == 2 })
		controlplanetest.AwaitObject(t, client.CoreV1().RESTClient(), "services", "kube-system", "kube-dns", &corev1.Service{},
			func(s *corev1.Service) bool { return s.Spec.ClusterIP == "10.96.0.10" })
	})

	t.Run("no secret on a command line", func(t *testing.T) { noSecretOnCommandLines(t, cluster) })

	t.Run("secrets are this user's alone", func(t *testing.T) { privateFiles(t, cluster.Dir()) })

	t.Run("two of three keep quorum, and the third comes back as it was", func(t *testing.T) {
		_, err := etcdOf(t, c1).Put(within(t), "kept", "yes")
		require.NoError(t, err)
		c3.Stop()

		_, err = etcdOf(t, c1).Put(within(t), "while c3 was off", "yes")
		require.NoError(t, err)
		c3.Boot()
		c3.AwaitHealthy("etcd")
		require.Equal(t, before, members(t, c3))

		answer, err := etcdOf(t, c3).Get(within(t), "while c3 was off")
		require.NoError(t, err)
		require.Len(t, answer.Kvs, 1)
	})

	t.Run("a live change restarts the component that it changes, alone", func(t *testing.T) {
		pids := c1.PIDs()

		require.NoError(t, c1.Update(cluster.Config(machine.TypeControlPlane, func(cfg *v1alpha1.Config) {
			cfg.ClusterConfig.SchedulerConfig.ExtraArgsConfig = v1alpha1.Args{"v": v1alpha1.NewArgValue("3", nil)}
		})))
		c1.Await("kube-scheduler", func(s controlplane.Status) bool { return s.Healthy })
		require.Contains(t, c1.Arguments("kube-scheduler"), "--v=3")

		after := c1.PIDs()
		require.NotEqual(t, pids["kube-scheduler"], after["kube-scheduler"])

		for _, same := range []string{"etcd", "kube-apiserver", "kube-controller-manager"} {
			require.Equal(t, pids[same], after[same], same)
		}
	})

	t.Run("a denied argument changes nothing", func(t *testing.T) {
		err := c1.Update(cluster.Config(machine.TypeControlPlane, func(cfg *v1alpha1.Config) {
			cfg.ClusterConfig.APIServerConfig.ExtraArgsConfig = v1alpha1.Args{"etcd-servers": v1alpha1.NewArgValue("https://elsewhere", nil)}
		}))
		require.ErrorContains(t, err, `"etcd-servers" is not allowed`)
	})

	t.Run("an image that cannot be pulled stops its component alone", func(t *testing.T) {
		require.NoError(t, c1.Update(cluster.Config(machine.TypeControlPlane, func(cfg *v1alpha1.Config) {
			cfg.ClusterConfig.SchedulerConfig.ContainerImage = "registry.k8s.io/kube-scheduler:v1.99.0"
		})))
		c1.Await("kube-scheduler", func(s controlplane.Status) bool { return s.State == controlplane.Waiting })
		require.Contains(t, c1.Status("kube-scheduler").Message, "v1.99.0 cannot be pulled")
		require.True(t, c1.Status("kube-apiserver").Healthy)
	})

	t.Run("a crashed program is started again", func(t *testing.T) {
		require.NoError(t, syscall.Kill(c2.PIDs()["kube-controller-manager"], syscall.SIGKILL))
		c2.Await("kube-controller-manager", func(s controlplane.Status) bool { return s.State == controlplane.Failed })
		c2.AwaitHealthy("kube-controller-manager")
	})

	t.Run("a paused node answers nobody, and goes on", func(t *testing.T) {
		c3.Pause(true)
		c3.Await("etcd", func(s controlplane.Status) bool { return s.State == controlplane.Running && !s.Healthy })
		c3.Await("kube-apiserver", func(s controlplane.Status) bool { return !s.Healthy })

		_, err := etcdOf(t, c1).Put(within(t), "while c3 was paused", "yes")
		require.NoError(t, err)
		c3.Pause(false)
		c3.AwaitHealthy("etcd", "kube-apiserver")
		require.Equal(t, before, members(t, c3))
	})

	t.Run("a member that was removed by the others ends, and stays ended", func(t *testing.T) {
		require.NoError(t, c3.LoseEtcd(within(t)))
		require.Len(t, members(t, c1), 2)
		c3.Await("etcd", func(s controlplane.Status) bool { return s.State == controlplane.Failed })
		c3.Stop()
		c3.Boot()
		c3.Await("etcd", func(s controlplane.Status) bool { return s.State == controlplane.Failed })
		require.Len(t, members(t, c1), 2)

		c3.Stop()
		require.NoError(t, os.RemoveAll(filepath.Join(cluster.Dir(), "c3", "etcd")))
		c3.Boot()
		c3.AwaitHealthy("etcd")
		require.Len(t, members(t, c1), 3)
	})

	t.Run("members leave, but not the last", func(t *testing.T) {
		require.NoError(t, c3.LeaveEtcd(within(t)))
		require.Equal(t, controlplane.Finished, c3.Status("etcd").State)
		require.Len(t, members(t, c1), 2)
		require.NoError(t, c2.LeaveEtcd(within(t)))
		require.ErrorIs(t, c1.LeaveEtcd(within(t)), controlplane.ErrLastMember)
		c1.AwaitHealthy("etcd")
	})

	t.Run("a node that left joins anew", func(t *testing.T) {
		c3.Stop()
		c3.Boot()
		c3.AwaitHealthy("etcd")
		require.NotEqual(t, before["c3"].id, members(t, c1)["c3"].id)
	})
}

func noSecretOnCommandLines(t *testing.T, cluster *controlplanetest.Cluster) {
	cfg := cluster.Running()[0].Config
	secrets := []string{
		cfg.Cluster().Secret(), cfg.Cluster().Token().Secret(), cfg.Cluster().SecretboxEncryptionSecret(), cfg.Machine().Security().Token(),
		"PRIVATE KEY",
	}

	for _, n := range cluster.Running() {
		lines := n.CommandLines()
		require.Len(t, lines, 4)

		for service, line := range lines {
			require.Equal(t, n.Arguments(service), line.Arguments)

			for _, secret := range secrets {
				require.NotEmpty(t, secret)
				require.NotContains(t, strings.Join(append(line.Arguments, line.Environment...), " "), secret, service)
			}
		}
	}
}

func TestBootstrapBeforeStart(t *testing.T) {
	cluster := controlplanetest.NewCluster(t, "https://127.202.1.20:6443")
	c1 := cluster.Start("c1", "127.202.1.20")
	c1.Stop()
	require.ErrorIs(t, c1.Bootstrap(within(t)), controlplane.ErrNotReady)
}

func TestWorkerConfigIsRefused(t *testing.T) {
	cluster := controlplanetest.NewCluster(t, "https://127.202.1.20:6443")
	cfg := cluster.Config(machine.TypeWorker)
	_, err := controlplane.New(controlplane.Options{Hostname: "w1", RunDir: t.TempDir(), Dir: t.TempDir(), Config: cfg})
	require.ErrorContains(t, err, "is missing in the machine config")
}

func privateFiles(t *testing.T, dir string) {
	secrets := 0

	for _, node := range []string{"c1", "c1/run", "c1/etcd"} {
		info, err := os.Stat(filepath.Join(dir, node))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), node)
	}

	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "c1", "run"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}

		if strings.Contains(string(content), "PRIVATE KEY") || strings.Contains(string(content), "client-key-data") ||
			strings.Contains(string(content), "secretbox") {
			secrets++

			info, err := entry.Info()
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
		}

		return nil
	}))
	require.Greater(t, secrets, 8)
}

type member struct {
	id      uint64
	learner bool
}

func members(t *testing.T, n *controlplanetest.Node) map[string]member {
	t.Helper()

	list, err := etcdOf(t, n).MemberList(within(t))
	require.NoError(t, err)

	members := map[string]member{}
	for _, m := range list.Members {
		members[m.Name] = member{m.ID, m.IsLearner}
	}

	return members
}

func within(t *testing.T) context.Context {
	t.Helper()

	ctx, cancel := context.WithTimeout(context.Background(), controlplanetest.Patience)
	t.Cleanup(cancel)

	return ctx
}

func etcdOf(t *testing.T, n *controlplanetest.Node) *clientv3.Client {
	t.Helper()

	client, err := n.Etcd()
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })

	return client
}
