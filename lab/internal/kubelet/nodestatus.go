package kubelet

import (
	"crypto/sha256"
	"encoding/hex"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const noCNI = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady " +
	"message:Network plugin returns error: cni plugin not initialized"

// setStatus makes a Node's status what this node is; times of what did not change stay.
func (n *node) setStatus(status *corev1.NodeStatus) {
	status.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: n.Address.String()},
		{Type: corev1.NodeHostName, Address: n.Hostname},
	}

	// What a machine that is only simulated has is for the scheduler alone.
	status.Capacity = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("200Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	status.Allocatable = status.Capacity

	machineID := sha256.Sum256([]byte(n.Hostname))
	status.NodeInfo.MachineID = hex.EncodeToString(machineID[:16])
	status.NodeInfo.SystemUUID = status.NodeInfo.MachineID
	status.NodeInfo.BootID = n.BootID
	status.NodeInfo.KubeletVersion = n.version()
	status.NodeInfo.OSImage = n.osImage()
	status.NodeInfo.OperatingSystem = "linux"
	status.NodeInfo.Architecture = n.Arch
	status.NodeInfo.KernelVersion = "6.18.0-talos"
	status.NodeInfo.ContainerRuntimeVersion = "containerd://2.2.0"
	status.DaemonEndpoints.KubeletEndpoint.Port = 10250

	for kind, reason := range map[corev1.NodeConditionType]string{
		corev1.NodeMemoryPressure: "KubeletHasSufficientMemory",
		corev1.NodeDiskPressure:   "KubeletHasNoDiskPressure",
		corev1.NodePIDPressure:    "KubeletHasSufficientPID",
	} {
		setNodeCondition(status, kind, corev1.ConditionFalse, reason, "kubelet has no pressure")
	}

	if n.hasCNI() {
		setNodeCondition(status, corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status")
	} else {
		setNodeCondition(status, corev1.NodeReady, corev1.ConditionFalse, "KubeletNotReady", noCNI)
	}
}

func setNodeCondition(status *corev1.NodeStatus, kind corev1.NodeConditionType, value corev1.ConditionStatus, reason, message string) {
	at := now()
	next := corev1.NodeCondition{
		Type: kind, Status: value, Reason: reason, Message: message, LastHeartbeatTime: at, LastTransitionTime: at,
	}

	for i, condition := range status.Conditions {
		if condition.Type != kind {
			continue
		}

		if condition.Status == value {
			next.LastTransitionTime = condition.LastTransitionTime
		}

		if condition.Status != value || condition.Reason != reason || condition.Message != message {
			status.Conditions[i] = next
		}

		return
	}

	status.Conditions = append(status.Conditions, next)
}

func isNodeReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}

	return false
}
