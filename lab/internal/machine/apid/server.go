package apid

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// stopTimeout is how long calls that are under way may take once the node goes down.
const stopTimeout = 300 * time.Millisecond

// Options say what stands behind the server.
type Options struct {
	// Maintenance: no client certificate is asked for, all callers are readers, nothing is routed.
	Maintenance bool
	// ServerTLS is asked at every handshake, so that renewed certificates are seen.
	ServerTLS func() *tls.Config
	// ClientTLS is for calls to other nodes; nil where the node does not forward (workers).
	ClientTLS func() *tls.Config
	// IsLocal tells whether a routing target is this node.
	IsLocal func(target string) bool
	// Local reaches the node's own services.
	Local grpc.ClientConnInterface
}

// Server is a node's API as the network sees it.
type Server struct {
	options Options
	remotes *backends
	server  *grpc.Server
}

// New makes a server; Serve starts it.
func New(options Options) *Server {
	s := &Server{options: options, remotes: &backends{clientTLS: options.ClientTLS, conns: map[string]*grpc.ClientConn{}}}

	perHandshake := &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return options.ServerTLS(), nil
		},
	}

	s.server = grpc.NewServer(
		grpc.Creds(credentials.NewTLS(perHandshake)),
		grpc.ForceServerCodecV2(rawCodec{}),
		grpc.UnknownServiceHandler(s.handle),
		grpc.MaxRecvMsgSize(constants.GRPCMaxMessageSize),
	)

	return s
}

// Serve answers on the listener until Stop.
func (s *Server) Serve(listener net.Listener) error { return s.server.Serve(listener) }

// Stop lets short calls end, then closes everything.
func (s *Server) Stop() {
	StopGracefully(s.server)
	s.remotes.close()
}

// StopGracefully ends a server: calls under way get a moment, streams are then cut.
func StopGracefully(server *grpc.Server) {
	timer := time.AfterFunc(stopTimeout, server.Stop)
	defer timer.Stop()

	server.GracefulStop()
}

func (s *Server) forwards() bool { return s.options.ClientTLS != nil }

func (s *Server) roles(ctx context.Context) (role.Set, error) {
	if s.options.Maintenance {
		return role.MakeSet(role.Reader), nil
	}

	return callerRoles(ctx)
}
