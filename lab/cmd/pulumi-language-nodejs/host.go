package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// reported is the exit code with which @pulumi/pulumi says that the user has been told already what went wrong.
const reported = 32

// host implements the engine's side of a language.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	engine string // address of the engine's log and root resource service
}

// Handshake learns the engine's address; an engine that does not shake hands gives it as an argument.
func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = request.GetEngineAddress()

	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo says which version this is: none of Pulumi's.
func (*host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "0.0.0"}, nil
}

// GetRequiredPackages names the plugins that the program's packages ask for.
func (*host) GetRequiredPackages(
	_ context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	packages, err := requiredPackages(request.GetInfo().GetProgramDirectory())

	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, err
}

// Run runs the program to its end.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	program, err := h.program(ctx, request)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}

	err = runWithParent(program)

	var exit *exec.ExitError

	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == reported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case errors.As(err, &exit) && exit.Exited():
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode())}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program did not end by itself: %v", err)}, nil
	}
}

// program is the Node.js process that a request asks for.
func (h *host) program(ctx context.Context, request *pulumirpc.RunRequest) (*exec.Cmd, error) {
	directory := request.GetInfo().GetProgramDirectory()

	runner, err := runnerOf(directory)
	if err != nil {
		return nil, err
	}

	options, err := parseOptions(request.GetInfo().GetOptions().AsMap())
	if err != nil {
		return nil, err
	}

	settings, err := settingsOf(request)
	if err != nil {
		return nil, err
	}

	arguments := append(options.arguments, runner)
	arguments = append(arguments, h.flags(request)...)
	arguments = append(arguments, request.GetInfo().GetEntryPoint())
	arguments = append(arguments, request.GetArgs()...)

	program := exec.CommandContext(ctx, "node", arguments...)
	program.Dir = directory
	program.Env = append(append(os.Environ(), settings...), options.environment...)

	return program, nil
}
