package apid

import (
	"context"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// fanOut lists the services that can be asked on several nodes in one call.
var fanOut = []string{
	"/machine.MachineService/",
	"/cluster.ClusterService/",
	"/inspect.InspectService/",
	"/storage.StorageService/",
	"/time.TimeService/",
}

// route says where a call goes: to this node (no targets), to one other node whose
// answer is passed on as it is, or to many, whose answers are marked and merged.
type route struct {
	targets []string
	many    bool
}

// direct reads the routing metadata: none, `node`, or `nodes`.
func (s *Server) direct(ctx context.Context, method string) (route, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if s.options.Maintenance || len(md.Get("proxyfrom")) > 0 {
		return route{}, nil
	}

	node, nodes := md.Get("node"), md.Get("nodes")
	if len(node) > 1 {
		return route{}, status.Error(codes.InvalidArgument, "node metadata must be single-valued")
	}

	// A node that does not forward still answers for itself.
	if !s.forwards() {
		if len(node) == 1 && s.options.IsLocal(node[0]) {
			node = nil
		}

		if len(nodes) == 1 && s.options.IsLocal(nodes[0]) {
			nodes = nil
		}
	}

	switch {
	case len(nodes) > 0:
		if !canFanOut(method) {
			return route{}, status.Errorf(codes.InvalidArgument, "one-2-many proxying is not supported for method %s", method)
		}

		return s.forward(route{targets: nodes, many: true})
	case len(node) == 1:
		return s.forward(route{targets: node})
	default:
		return route{}, nil
	}
}

func (s *Server) forward(r route) (route, error) {
	if !s.forwards() {
		return route{}, status.Error(codes.PermissionDenied, "no request forwarding")
	}

	return r, nil
}

func canFanOut(method string) bool {
	for _, prefix := range fanOut {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}

	return false
}
