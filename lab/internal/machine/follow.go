package machine

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"

	"phoebe.dev/lab/internal/controlplane"
)

// etcd is the one component of the control plane that Talos runs as a service; the
// others are static pods.
const etcdService = "etcd"

// follow takes the state of the node's components, and of the cluster's other nodes,
// into what the node tells of itself.
func (b *boot) follow(ctx context.Context) {
	b.following.Lock()
	defer b.following.Unlock()

	if plane := b.plane(); plane != nil {
		for _, status := range plane.Statuses() {
			if status.Name == etcdService {
				b.services.set(status)
			}
		}
	}

	if running := b.kubelet(); running != nil {
		b.services.set(running.Status())
	}

	b.attend()

	if err := b.syncMembers(ctx); err != nil && ctx.Err() == nil {
		b.machine.fail(fmt.Errorf("members: %w", err))
	}

	if err := b.syncEndpoints(ctx); err != nil && ctx.Err() == nil {
		b.machine.fail(fmt.Errorf("endpoints: %w", err))
	}

	if err := b.syncPods(ctx); err != nil && ctx.Err() == nil {
		b.machine.fail(fmt.Errorf("static pods: %w", err))
	}
}

// staticPods are the control plane's components that run as static pods.
func (b *boot) staticPods() []controlplane.Status {
	plane := b.plane()
	if plane == nil {
		return nil
	}

	return slices.DeleteFunc(plane.Statuses(), func(s controlplane.Status) bool { return s.Name == etcdService })
}

// podProblems lists the static pods that are not ready.
func (b *boot) podProblems() []string {
	var problems []string

	for _, pod := range b.staticPods() {
		switch {
		case pod.State != controlplane.Running:
			problems = append(problems, pod.Name+" "+strings.ToLower(string(pod.State)))
		case !pod.Healthy:
			problems = append(problems, pod.Name+" not ready")
		}
	}

	return problems
}

// servesKubernetes tells whether the node's API server answers.
func (b *boot) servesKubernetes() bool {
	return slices.ContainsFunc(b.staticPods(), func(s controlplane.Status) bool {
		return s.Name == "kube-apiserver" && s.State == controlplane.Running && s.Healthy
	})
}

// apiServers are the URLs of the cluster's API servers that answer, the node's own first.
func (b *boot) apiServers() []string {
	node, ok := b.node()
	if !ok {
		return nil
	}

	var urls []string

	for _, other := range b.fabric.boots(node.Config.Cluster().ID()) {
		if !other.servesKubernetes() {
			continue
		}

		url := other.apiServer()
		if other == b {
			urls = append([]string{url}, urls...)
		} else {
			urls = append(urls, url)
		}
	}

	return urls
}

// apiServer is the URL of the node's own API server.
func (b *boot) apiServer() string {
	node, _ := b.node()

	return "https://" + netip.AddrPortFrom(node.Address, uint16(node.Config.Cluster().LocalAPIServerPort())).String()
}

// isRunning: configured and booted.
func (b *boot) isRunning() bool {
	return b.isUp() && (b.status.isStage(runtime.MachineStageRunning) || b.status.isStage(runtime.MachineStageBooting))
}

// attend notes whether the cluster has this node, once it runs.
func (b *boot) attend() {
	if b.status.isStage(runtime.MachineStageRunning) {
		b.noteAttendance()
	}
}

// noteAttendance tells whether the cluster has this node: booted, and a control plane node with its etcd member. Sequences and the
// power switch say themselves when they take it away.
func (b *boot) noteAttendance() {
	if !b.isUp() {
		return
	}

	if b.machine.faults.has(FaultDrop) {
		b.machine.attendance.lost(string(FaultDrop))

		return
	}

	plane := b.plane()
	if plane == nil {
		if node, _ := b.node(); !node.Config.Machine().Type().IsControlPlane() {
			b.machine.attendance.running()
		}

		return
	}

	for _, status := range plane.Statuses() {
		switch {
		case status.Name != etcdService:
		case status.State != controlplane.Running:
			b.machine.attendance.lost("etcd " + strings.ToLower(string(status.State)))
		case status.Healthy:
			b.machine.attendance.running()
		}
	}
}
