// Command pulumi-language-nodejs runs Node.js programs for the Pulumi engine where Pulumi's own language host cannot be had.
//
// The program speaks to the engine directly, so everything that the engine and @pulumi/pulumi know works, resource hooks
// included. What is asked of it beyond running programs (code generation, installing, packing) answers Unimplemented.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

// serve answers the engine until it is interrupted or the engine is gone.
func serve() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	if err := exitWith(os.Getppid()); err != nil {
		return err
	}

	cancel := make(chan bool)

	context.AfterFunc(ctx, func() { close(cancel) })

	server := &host{}
	if len(os.Args) > 1 {
		server.engine = os.Args[len(os.Args)-1]
	}

	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(registrar *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(registrar, server)

			return nil
		},
	})
	if err != nil {
		return err
	}

	fmt.Println(handle.Port) // the engine reads the port from the first line

	return <-handle.Done
}

// exitWith ends this process as soon as the engine has ended, by whatever: a program must not go on without it.
func exitWith(engine int) error {
	handle, err := unix.PidfdOpen(engine, 0)
	if err != nil {
		return fmt.Errorf("watching the engine, process %d: %w", engine, err)
	}

	go func() {
		ended := []unix.PollFd{{Fd: int32(handle), Events: unix.POLLIN}}

		for {
			if _, err := unix.Poll(ended, -1); !errors.Is(err, unix.EINTR) {
				os.Exit(1)
			}
		}
	}()

	return nil
}
