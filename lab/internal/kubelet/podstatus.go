package kubelet

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// isJob tells whether a pod's containers run to completion.
func isJob(pod *corev1.Pod) bool {
	owner := metav1.GetControllerOf(pod)

	return owner != nil && owner.Kind == "Job"
}

// allStarted tells whether a pod's status says that its containers run.
func allStarted(pod *corev1.Pod) bool {
	return len(pod.Status.ContainerStatuses) > 0 &&
		!slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool { return c.State.Running == nil })
}

// ranBefore tells whether a pod's containers ran in an earlier boot.
func ranBefore(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool { return c.LastTerminationState.Terminated != nil })
}

func restarts(pod *corev1.Pod) int32 {
	var count int32
	for _, c := range pod.Status.ContainerStatuses {
		count = max(count, c.RestartCount)
	}

	return count
}

func startTime(pod *corev1.Pod) metav1.Time {
	for _, c := range pod.Status.ContainerStatuses {
		if c.State.Running != nil {
			return c.State.Running.StartedAt
		}
	}

	return now()
}

// base is the part of a status that is the same in all states.
func base(pod *corev1.Pod, host string) corev1.PodStatus {
	status := *pod.Status.DeepCopy()
	status.HostIP, status.HostIPs = host, []corev1.HostIP{{IP: host}}

	if status.StartTime == nil {
		started := now()
		status.StartTime = &started
	}

	return status
}

// waitingStatus is a pod's whose containers do not run: not yet, or not since the node booted.
func waitingStatus(pod *corev1.Pod, host string) corev1.PodStatus {
	status := base(pod, host)
	reason := "ContainerCreating"

	if len(pod.Spec.InitContainers) > 0 {
		reason = "PodInitializing"
	}

	wait := func(containers []corev1.Container, current []corev1.ContainerStatus) []corev1.ContainerStatus {
		var statuses []corev1.ContainerStatus

		for _, container := range containers {
			next := corev1.ContainerStatus{Name: container.Name, Image: container.Image, Started: new(false)}
			next.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason}

			for _, c := range current {
				if c.Name != container.Name {
					continue
				}

				next.RestartCount, next.LastTerminationState = c.RestartCount, c.LastTerminationState
				if c.State.Running != nil {
					next.LastTerminationState = terminated(c.State.Running.StartedAt, "Unknown", 255)
				}
			}

			statuses = append(statuses, next)
		}

		return statuses
	}

	status.InitContainerStatuses = wait(pod.Spec.InitContainers, status.InitContainerStatuses)
	status.ContainerStatuses = wait(pod.Spec.Containers, status.ContainerStatuses)

	initialized := corev1.ConditionTrue
	if len(pod.Spec.InitContainers) > 0 {
		initialized = corev1.ConditionFalse
	}

	setConditions(&status, pod, initialized, corev1.ConditionFalse, "ContainersNotReady")

	return status
}

// runningStatus is a pod's whose containers all run and are ready, its init containers having completed.
func runningStatus(pod *corev1.Pod, r run, host string) corev1.PodStatus {
	status := base(pod, host)
	status.Phase = corev1.PodRunning
	status.PodIP, status.PodIPs = r.ip, []corev1.PodIP{{IP: r.ip}}
	status.InitContainerStatuses = initStatuses(pod, r)
	status.ContainerStatuses = nil

	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, runs(pod, container, r))
	}

	setConditions(&status, pod, corev1.ConditionTrue, corev1.ConditionTrue, "")

	return status
}

// succeededStatus is a pod's whose containers ran and ended well.
func succeededStatus(pod *corev1.Pod, r run, host string) corev1.PodStatus {
	status := runningStatus(pod, r, host)
	status.Phase = corev1.PodSucceeded

	for i := range status.ContainerStatuses {
		status.ContainerStatuses[i].State = terminated(r.at, "Completed", 0)
		status.ContainerStatuses[i].Ready = false
		status.ContainerStatuses[i].Started = new(false)
	}

	setConditions(&status, pod, corev1.ConditionTrue, corev1.ConditionFalse, "PodCompleted")

	return status
}

func initStatuses(pod *corev1.Pod, r run) []corev1.ContainerStatus {
	var statuses []corev1.ContainerStatus

	for _, container := range pod.Spec.InitContainers {
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			statuses = append(statuses, runs(pod, container, r)) // a sidecar
		} else {
			statuses = append(statuses, corev1.ContainerStatus{
				Name: container.Name, Image: container.Image, ImageID: container.Image, ContainerID: containerID(pod, container),
				Ready: true, Started: new(false), State: terminated(r.at, "Completed", 0), RestartCount: r.count,
			})
		}
	}

	return statuses
}

func runs(pod *corev1.Pod, container corev1.Container, r run) corev1.ContainerStatus {
	status := corev1.ContainerStatus{
		Name: container.Name, Image: container.Image, ImageID: container.Image, ContainerID: containerID(pod, container),
		Ready: true, Started: new(true), RestartCount: r.count,
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: r.at}},
	}

	for _, c := range slices.Concat(pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses) {
		if c.Name == container.Name {
			status.LastTerminationState = c.LastTerminationState
		}
	}

	return status
}

func containerID(pod *corev1.Pod, container corev1.Container) string {
	return "containerd://" + string(pod.UID) + "-" + container.Name
}

func terminated(started metav1.Time, reason string, code int32) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		Reason: reason, ExitCode: code, StartedAt: started, FinishedAt: started,
	}}
}

// setConditions sets a pod's conditions; a pod with readiness gates is ready when those are met too.
func setConditions(status *corev1.PodStatus, pod *corev1.Pod, initialized, containersReady corev1.ConditionStatus, reason string) {
	ready := containersReady

	for _, gate := range pod.Spec.ReadinessGates {
		if !slices.ContainsFunc(status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == gate.ConditionType && c.Status == corev1.ConditionTrue
		}) && ready == corev1.ConditionTrue {
			ready, reason = corev1.ConditionFalse, "ReadinessGatesNotReady"
		}
	}

	setPodCondition(status, corev1.PodReadyToStartContainers, containersReady, "")
	setPodCondition(status, corev1.PodInitialized, initialized, "")
	setPodCondition(status, corev1.ContainersReady, containersReady, reason)
	setPodCondition(status, corev1.PodReady, ready, reason)
	setPodCondition(status, corev1.PodScheduled, corev1.ConditionTrue, "")
}

func setPodCondition(status *corev1.PodStatus, kind corev1.PodConditionType, value corev1.ConditionStatus, reason string) {
	next := corev1.PodCondition{
		Type: kind, Status: value, Reason: reason, LastTransitionTime: now(),
	}
	if value == corev1.ConditionTrue {
		next.Reason = ""
	}

	for i, condition := range status.Conditions {
		if condition.Type != kind {
			continue
		}

		if condition.Status != value || condition.Reason != next.Reason {
			status.Conditions[i] = next
		}

		return
	}

	status.Conditions = append(status.Conditions, next)
}
