package machine

import (
	"context"
	"time"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	"phoebe.dev/lab/internal/controlplane"
)

// lateness is how long a late kubelet takes to see that a static pod is another one.
const lateness = 10 * time.Second

func (b *boot) late() time.Duration {
	if b.machine.faults.has(FaultLatePods) {
		return lateness
	}

	return 0
}

// syncPods keeps the static pods' resources: what Talos wants to run, and how it runs.
func (b *boot) syncPods(ctx context.Context) error {
	node, ok := b.node()
	if !ok || !node.Config.Machine().Type().IsControlPlane() {
		return nil
	}

	var pods, statuses []resource.Resource

	for _, component := range b.staticPods() {
		pod := k8s.NewStaticPod(k8s.NamespaceName, component.Name)
		pod.TypedSpec().Pod = staticPod(component, b.marks(component.Name))
		pods = append(pods, pod)

		// The kubelet tells of a pod only once it was started.
		if component.State == controlplane.Initialized || component.State == controlplane.Waiting {
			continue
		}

		status := k8s.NewStaticPodStatus(k8s.NamespaceName, "kube-system/"+component.Name+"-"+node.Nodename)
		status.TypedSpec().PodStatus = podStatus(component)
		statuses = append(statuses, status)
	}

	if err := b.resources.Sync(ctx, k8s.NewStaticPod(k8s.NamespaceName, "").Metadata(), pods); err != nil {
		return err
	}

	return b.resources.Sync(ctx, k8s.NewStaticPodStatus(k8s.NamespaceName, "").Metadata(), statuses)
}

// staticPod is the pod's definition, with the arguments that its process really has, and with the marks that it is to have.
func staticPod(component controlplane.Status, marks map[string]string) map[string]any {
	annotations := map[string]any{}
	for mark, version := range marks {
		annotations[mark] = version
	}

	command := []any{"/usr/local/bin/" + component.Name}
	for _, argument := range component.Arguments {
		command = append(command, argument)
	}

	return map[string]any{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata": map[string]any{
			"name":        component.Name,
			"namespace":   "kube-system",
			"annotations": annotations,
			"labels":      map[string]any{"tier": "control-plane", "k8s-app": component.Name, "component": component.Name},
		},
		"spec": map[string]any{
			"hostNetwork": true,
			"containers":  []any{map[string]any{"name": component.Name, "image": component.Image, "command": command}},
		},
	}
}

func podStatus(component controlplane.Status) map[string]any {
	phase, ready := "Pending", "False"
	if component.State == controlplane.Running {
		phase = "Running"
	}

	if component.Healthy {
		ready = "True"
	}

	return map[string]any{
		"phase":      phase,
		"message":    component.Message,
		"conditions": []any{map[string]any{"type": "Ready", "status": ready}},
	}
}
