package kubelet

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

const host = "127.0.0.9"

func podOf(containers ...string) *corev1.Pod {
	pod := &corev1.Pod{}
	for _, name := range containers {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: name, Image: name})
	}

	return pod
}

func TestSidecarsRunAndInitContainersComplete(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := podOf("main")
	pod.Spec.InitContainers = []corev1.Container{{Name: "first"}, {Name: "sidecar", RestartPolicy: &always}}

	status := runningStatus(pod, run{at: now(), ip: "10.244.0.2"}, host)
	require.Equal(t, corev1.PodRunning, status.Phase)
	require.Equal(t, "Completed", status.InitContainerStatuses[0].State.Terminated.Reason)
	require.NotNil(t, status.InitContainerStatuses[1].State.Running)
	require.Equal(t, "10.244.0.2", status.PodIP)
	require.Equal(t, host, status.HostIP)
}

func TestReadinessGates(t *testing.T) {
	pod := podOf("main")
	pod.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.org/open"}}

	pod.Status = runningStatus(pod, run{at: now()}, host)
	require.False(t, IsReady(pod))

	pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: "example.org/open", Status: corev1.ConditionTrue})
	pod.Status = runningStatus(pod, run{at: now()}, host)
	require.True(t, IsReady(pod))
}

func TestRebootTakesBackAndCounts(t *testing.T) {
	pod := podOf("main")
	pod.Status = runningStatus(pod, run{at: now()}, host)
	require.True(t, allStarted(pod))

	pod.Status = waitingStatus(pod, host)
	require.False(t, IsReady(pod))
	require.False(t, allStarted(pod))
	require.True(t, ranBefore(pod))
	require.Equal(t, pod.Status, waitingStatus(pod, host), "said once, there is nothing more to say")
}

func TestAddressesAreGivenOnce(t *testing.T) {
	pool := newAddresses()
	pool.take("10.244.0.2")

	for _, expected := range []string{"10.244.0.3", "10.244.0.4", "10.244.0.5", "10.244.0.6"} {
		ip, err := pool.next("10.244.0.0/29")
		require.NoError(t, err)
		require.Equal(t, expected, ip)
	}

	_, err := pool.next("10.244.0.0/29")
	require.ErrorContains(t, err, "no address is free")
	pool.release("10.244.0.2")
	ip, err := pool.next("10.244.0.0/29")
	require.NoError(t, err)
	require.Equal(t, "10.244.0.2", ip)
}

func TestIsCNI(t *testing.T) {
	for path, expected := range map[string]bool{"/etc/cni/net.d": true, "/etc/cni/net.d/": true, "/etc/cni/net.d/05.conf": true, "/etc/cni": false, "/etc/cni/net.d2": false} {
		spec := &corev1.PodSpec{Volumes: []corev1.Volume{{VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path}}}}}
		require.Equal(t, expected, IsCNI(spec), path)
	}
}

func TestNeeds(t *testing.T) {
	yes := true
	pod := podOf("main")
	pod.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "env"}}}}
	pod.Spec.Volumes = []corev1.Volume{
		{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "optional", Optional: &yes}}},
		{VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "map"}}}},
		{VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}}},
		}}}},
	}
	require.Equal(t, []need{{"configmap", "map"}, {"secret", "env"}}, needs(pod))
}
