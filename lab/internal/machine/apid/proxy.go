package apid

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// anyStream fits every kind of call: what is unary is a stream of one message.
var anyStream = &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}

// handle is the only handler of the outer server: it routes, then passes bytes.
func (s *Server) handle(_ any, stream grpc.ServerStream) error {
	method, ok := grpc.MethodFromServerStream(stream)
	if !ok {
		return status.Error(codes.Internal, "the call has no method")
	}

	ctx := stream.Context()

	roles, err := s.roles(ctx)
	if err != nil {
		return err
	}

	r, err := s.direct(ctx, method)
	if err != nil {
		return err
	}

	switch {
	case r.many:
		return s.toMany(outgoing(ctx, roles, true), stream, method, r.targets)
	case len(r.targets) == 1:
		conn, err := s.remotes.get(r.targets[0])
		if err != nil {
			return err
		}

		return toOne(outgoing(ctx, roles, true), stream, method, conn)
	default:
		return toOne(outgoing(ctx, roles, false), stream, method, s.options.Local)
	}
}

// toOne joins the caller's stream with one backend's.
func toOne(ctx context.Context, caller grpc.ServerStream, method string, conn grpc.ClientConnInterface) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	backend, err := conn.NewStream(ctx, anyStream, method, grpc.ForceCodecV2(rawCodec{}))
	if err != nil {
		return err
	}

	go func() {
		if err := copyRequests(caller, backend); err != nil {
			cancel()
		}
	}()

	for first := true; ; first = false {
		var f frame

		err := backend.RecvMsg(&f)
		if first {
			if header, herr := backend.Header(); herr == nil {
				_ = caller.SetHeader(header) // the call itself tells
			}
		}

		if err != nil {
			caller.SetTrailer(backend.Trailer())

			if errors.Is(err, io.EOF) {
				return nil
			}

			return err
		}

		if err := caller.SendMsg(&f); err != nil {
			return err
		}
	}
}

// copyRequests passes the caller's messages on until it has no more.
func copyRequests(caller grpc.ServerStream, backends ...grpc.ClientStream) error {
	for {
		var f frame

		err := caller.RecvMsg(&f)
		if errors.Is(err, io.EOF) {
			for _, b := range backends {
				_ = b.CloseSend() // the backend's own error comes with its answer
			}

			return nil
		}

		if err != nil {
			return err
		}

		for _, b := range backends {
			_ = b.SendMsg(&f) // as above
		}
	}
}
