package machine

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	healthInterval = 500 * time.Millisecond
	healthAttempt  = 5 * time.Second
)

// HealthCheck is the health check that the node itself does for a client: Talos's
// conditions one after the other, each waited for, with a line whenever its state changes.
func (s *server) HealthCheck(in *cluster.HealthCheckRequest, stream cluster.ClusterService_HealthCheckServer) error {
	if err := s.controlPlaneOnly("cluster health check"); err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(stream.Context(), in.GetWaitTimeout().AsDuration())
	defer cancel()

	e, err := s.examine(in.GetClusterInfo())
	if err != nil {
		return err
	}

	say := func(line string) error { return stream.Send(&cluster.HealthCheckProgress{Message: line}) }

	if err := say(fmt.Sprintf("discovered nodes: %q", e.nodes)); err != nil {
		return err
	}

	for _, c := range conditions {
		if err := e.await(ctx, c, say); err != nil {
			return err
		}
	}

	return nil
}

// examination is one health check of one cluster.
type examination struct {
	*server
	nodes      []netip.Addr // control plane nodes first
	planes     int          // how many of them are control plane nodes
	kubeconfig []byte
}

// examine finds the nodes: those that the client names, or those that discovery knows.
func (s *server) examine(named *cluster.ClusterInfo) (*examination, error) {
	node, _ := s.node()
	e := &examination{server: s}

	var planes, workers []netip.Addr

	for _, list := range []struct {
		from []string
		to   *[]netip.Addr
	}{{named.GetControlPlaneNodes(), &planes}, {named.GetWorkerNodes(), &workers}} {
		for _, text := range list.from {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, status.Errorf(codes.InvalidArgument, "node %q is no address: %v", text, err)
			}

			*list.to = append(*list.to, address)
		}
	}

	if len(planes)+len(workers) == 0 {
		for _, member := range s.fabric.members(node.Config.Cluster().ID()) {
			if member.TypedSpec().MachineType.IsControlPlane() {
				planes = append(planes, member.TypedSpec().Addresses...)
			} else {
				workers = append(workers, member.TypedSpec().Addresses...)
			}
		}
	}

	e.nodes, e.planes = append(planes, workers...), len(planes)

	endpoint := named.GetForceEndpoint()
	if endpoint == "" {
		endpoint = node.Config.Cluster().Endpoint().String()
	}

	plane := s.plane()
	if plane == nil {
		return nil, status.Error(codes.Unavailable, "the node's services are stopped")
	}

	var err error

	e.kubeconfig, err = plane.AdminKubeconfig(endpoint)

	return e, err
}

func (e *examination) await(ctx context.Context, c condition, say func(string) error) error {
	last := ""

	for {
		attempt, cancel := context.WithTimeout(ctx, healthAttempt)
		err := c.check(attempt, e)

		cancel()

		line := fmt.Sprintf("waiting for %s: OK", c.name)
		if err != nil {
			line = fmt.Sprintf("waiting for %s: %v", c.name, err)
		}

		if line != last {
			last = line

			if err := say(line); err != nil {
				return err
			}
		}

		if err == nil {
			return nil
		}

		select {
		case <-time.After(healthInterval):
		case <-ctx.Done():
			return status.Errorf(codes.DeadlineExceeded, "%s: %v", c.name, err)
		}
	}
}

// boots are the running systems of some of the examined nodes; one that is down fails.
func (e *examination) boots(addresses []netip.Addr) ([]*boot, error) {
	var boots []*boot

	for _, address := range addresses {
		b := e.fabric.bootAt(address)
		if b == nil {
			return nil, fmt.Errorf("node %s does not answer", address)
		}

		boots = append(boots, b)
	}

	return boots, nil
}

func (e *examination) kubernetes() (*kubernetes.Clientset, error) {
	config, err := clientcmd.RESTConfigFromKubeConfig(e.kubeconfig)
	if err != nil {
		return nil, err
	}

	config.Timeout = healthAttempt

	return kubernetes.NewForConfig(config)
}
