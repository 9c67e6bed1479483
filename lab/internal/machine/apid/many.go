package apid

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	"github.com/siderolabs/talos/pkg/machinery/api/inspect"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	timeapi "github.com/siderolabs/talos/pkg/machinery/api/time"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
)

// answersStream tells whether a method answers with a stream.
func answersStream(method string) bool {
	for _, service := range []grpc.ServiceDesc{
		machine.MachineService_ServiceDesc,
		cluster.ClusterService_ServiceDesc,
		inspect.InspectService_ServiceDesc,
		storage.StorageService_ServiceDesc,
		timeapi.TimeService_ServiceDesc,
	} {
		if name, ok := strings.CutPrefix(method, "/"+service.ServiceName+"/"); ok {
			return slices.ContainsFunc(service.Streams, func(d grpc.StreamDesc) bool {
				return d.StreamName == name && d.ServerStreams
			})
		}
	}

	return false
}

// toMany asks several nodes and merges their answers; one node's error is a message.
func (s *Server) toMany(ctx context.Context, caller grpc.ServerStream, method string, targets []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	streamed := answersStream(method)
	answers := make(chan frame)

	var asked []grpc.ClientStream

	group, ctx := errgroup.WithContext(ctx)

	for _, target := range targets {
		backend, err := s.open(ctx, method, target)
		if err == nil {
			asked = append(asked, backend)
		}

		group.Go(func() error { return collect(ctx, answers, target, streamed, backend, err) })
	}

	go func() {
		if err := copyRequests(caller, asked...); err != nil {
			cancel()
		}
	}()

	done := make(chan error, 1)

	go func() {
		done <- group.Wait()

		close(answers)
	}()

	var merged frame

	for answer := range answers {
		if !streamed {
			merged = append(merged, answer...)

			continue
		}

		if err := caller.SendMsg(&answer); err != nil {
			cancel()
		}
	}

	if err := <-done; err != nil {
		return err
	}

	if streamed {
		return nil
	}

	return caller.SendMsg(&merged)
}

func (s *Server) open(ctx context.Context, method, target string) (grpc.ClientStream, error) {
	conn, err := s.remotes.get(target)
	if err != nil {
		return nil, err
	}

	return conn.NewStream(ctx, anyStream, method, grpc.ForceCodecV2(rawCodec{}))
}

// collect passes on what one node answers, marked with its name.
func collect(ctx context.Context, answers chan<- frame, target string, streamed bool, backend grpc.ClientStream, err error) error {
	for {
		var answer frame

		if err == nil {
			err = backend.RecvMsg(&answer)
		}

		if errors.Is(err, io.EOF) {
			return nil
		}

		last := err != nil

		if last {
			answer, err = failed(target, streamed, err)
		} else {
			answer, err = mark(target, streamed, answer)
		}

		if err != nil {
			return err
		}

		select {
		case answers <- answer:
		case <-ctx.Done():
			return ctx.Err()
		}

		if last {
			return nil
		}
	}
}
