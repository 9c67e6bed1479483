package apid

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// backends keeps the connections to other nodes.
type backends struct {
	clientTLS func() *tls.Config

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

// get gives a connection to the target's own apid.
func (b *backends) get(target string) (*grpc.ClientConn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if conn, ok := b.conns[target]; ok {
		return conn, nil
	}

	if _, _, err := net.SplitHostPort(target); target == "" || err == nil {
		return nil, status.Errorf(codes.Internal, "invalid target %q", target)
	}

	if _, err := netip.ParseAddr(target); err != nil {
		return nil, status.Errorf(codes.Internal, "invalid target %q: the lab has no DNS, name the node by its address", target)
	}

	conn, err := grpc.NewClient(
		net.JoinHostPort(target, strconv.Itoa(constants.ApidPort)),
		grpc.WithTransportCredentials(credentials.NewTLS(b.clientTLS())),
		// A node that rebooted is asked again soon.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(constants.GRPCMaxMessageSize), grpc.ForceCodecV2(rawCodec{})),
	)
	if err != nil {
		return nil, fmt.Errorf("connection to node %s: %w", target, err)
	}

	b.conns[target] = conn

	return conn, nil
}

func (b *backends) close() {
	b.mu.Lock()
	defer b.mu.Unlock()

	for target, conn := range b.conns {
		_ = conn.Close() // nothing is left to lose

		delete(b.conns, target)
	}
}

// outgoing passes the caller's metadata on, with its roles as this node knows them.
func outgoing(ctx context.Context, roles role.Set, forwarded bool) context.Context {
	incoming, _ := metadata.FromIncomingContext(ctx)
	md := incoming.Copy()

	md.Set(constants.APIAuthzRoleMetadataKey, roles.Strings()...)

	if forwarded {
		md.Set("proxyfrom", "apid")
	}

	md.Delete(":authority")
	md.Delete("node")
	md.Delete("nodes")

	return metadata.NewOutgoingContext(ctx, md)
}
