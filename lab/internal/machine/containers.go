package machine

import (
	"context"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"phoebe.dev/lab/internal/controlplane"
)

// Containers lists what really runs in Kubernetes' namespace: the static pods. Other
// pods are records only.
func (s *server) Containers(_ context.Context, in *machine.ContainersRequest) (*machine.ContainersResponse, error) {
	if in.GetNamespace() != constants.K8sContainerdNamespace {
		return nil, status.Errorf(codes.Unimplemented, "containers of namespace %q are not implemented by the simulated machine", in.GetNamespace())
	}

	list := &machine.Container{}

	for _, pod := range s.staticPods() {
		state := "CONTAINER_EXITED"
		if pod.State == controlplane.Running {
			state = "CONTAINER_RUNNING"
		}

		list.Containers = append(list.Containers, &machine.ContainerInfo{
			Namespace: in.GetNamespace(),
			Id:        s.containerID(pod),
			PodId:     s.podID(pod),
			Name:      pod.Name,
			Image:     pod.Image,
			Status:    state,
		})
	}

	return &machine.ContainersResponse{Messages: []*machine.Container{list}}, nil
}

func (s *server) podID(pod controlplane.Status) string {
	node, _ := s.node()

	return fmt.Sprintf("kube-system/%s-%s", pod.Name, node.Nodename)
}

func (s *server) containerID(pod controlplane.Status) string {
	return fmt.Sprintf("%s:%s", s.podID(pod), pod.Name)
}

// containerLog finds the log that belongs to a container's ID.
func (s *server) containerLog(id string) string {
	for _, pod := range s.staticPods() {
		if id == s.containerID(pod) {
			return pod.Name
		}
	}

	return id
}
