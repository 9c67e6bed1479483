package machine

import (
	"context"
	"fmt"
	"net"

	cosi "github.com/cosi-project/runtime/api/v1alpha1"
	cosiserver "github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	timeapi "github.com/siderolabs/talos/pkg/machinery/api/time"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"phoebe.dev/lab/internal/machine/apid"
)

// server is the node's own services, as Talos's machined has them. What a method here
// does not cover answers Unimplemented with the method's name.
type server struct {
	machine.UnimplementedMachineServiceServer
	cluster.UnimplementedClusterServiceServer
	storage.UnimplementedStorageServiceServer
	timeapi.UnimplementedTimeServiceServer

	*boot
}

// startInner serves the node's services to its own apid, and to nobody else.
func (b *boot) startInner() error {
	listener := bufconn.Listen(1 << 20)

	b.inner = grpc.NewServer(
		grpc.ChainUnaryInterceptor(authorizeUnary),
		grpc.ChainStreamInterceptor(authorizeStream),
		grpc.MaxRecvMsgSize(constants.GRPCMaxMessageSize),
	)

	s := &server{boot: b}
	machine.RegisterMachineServiceServer(b.inner, s)

	if b.release().hasLifecycle() {
		machine.RegisterImageServiceServer(b.inner, imageService{boot: b})
		machine.RegisterLifecycleServiceServer(b.inner, lifecycleService{boot: b})
	}

	cluster.RegisterClusterServiceServer(b.inner, s)
	storage.RegisterStorageServiceServer(b.inner, s)
	timeapi.RegisterTimeServiceServer(b.inner, s)
	cosi.RegisterStateServer(b.inner, cosiserver.NewState(b.resources.ForClients(apid.Roles)))

	go func() { _ = b.inner.Serve(listener) }() // it ends with Stop

	conn, err := grpc.NewClient("passthrough:///machined",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(constants.GRPCMaxMessageSize)),
	)
	if err != nil {
		return fmt.Errorf("the node's own services: %w", err)
	}

	b.local = conn

	return nil
}

func (b *boot) stopInner() {
	b.inner.Stop()
	_ = b.local.Close() // nothing is left to lose
}

// controlPlaneOnly refuses a call on a node that is no control plane node.
func (b *boot) controlPlaneOnly(api string) error {
	node, ok := b.node()
	if !ok {
		return status.Errorf(codes.Unimplemented, "machine type is not set, cannot use %s API", api)
	}

	if !node.Config.Machine().Type().IsControlPlane() {
		return status.Errorf(codes.Unimplemented, "%s is only available on control plane nodes", api)
	}

	return nil
}
