package commandprovider

import (
	"context"
	"fmt"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Command is a resource that runs a command when it is created, updated and deleted.
type Command struct{}

// Inputs are what a program sets.
type Inputs struct {
	// Triggers replace the resource whenever they change, whether or not there is an update command.
	Triggers *[]any `pulumi:"triggers,optional" provider:"replaceOnChanges"`

	Create *string `pulumi:"create,optional"`
	Update *string `pulumi:"update,optional"`
	Delete *string `pulumi:"delete,optional"`

	Stdin                  *string            `pulumi:"stdin,optional"`
	Logging                *Logging           `pulumi:"logging,optional"`
	Interpreter            *[]string          `pulumi:"interpreter,optional"`
	Dir                    *string            `pulumi:"dir,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	AssetPaths             *[]string          `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string          `pulumi:"archivePaths,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
}

// State is what is kept: the inputs, and what the last command wrote.
type State struct {
	Inputs

	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Annotate gives the resource its official token.
func (c *Command) Annotate(annotator infer.Annotator) {
	annotator.Describe(&c, "Runs a command on this machine when it is created, updated and deleted.")
	annotator.SetToken("local", "Command")
}

// Create runs the create command, where there is one.
func (*Command) Create(
	ctx context.Context, request infer.CreateRequest[Inputs],
) (infer.CreateResponse[State], error) {
	id, err := resource.NewUniqueHex(request.Name, 8, 0)
	if err != nil {
		return infer.CreateResponse[State]{}, err
	}

	state := State{Inputs: request.Inputs}
	if err = implemented(request.Inputs); err == nil && !request.DryRun {
		err = state.run(ctx, state.Inputs.Create)
	}

	return infer.CreateResponse[State]{ID: id, Output: state}, err
}

// Update runs the update command, or the create command where there is none. The previous output stays when neither is there.
func (*Command) Update(
	ctx context.Context, request infer.UpdateRequest[Inputs, State],
) (infer.UpdateResponse[State], error) {
	state := State{Inputs: request.Inputs, Stdout: request.State.Stdout, Stderr: request.State.Stderr}

	command := state.Inputs.Update
	if command == nil {
		command = state.Inputs.Create
	}

	err := implemented(request.Inputs)
	if err == nil && !request.DryRun {
		err = state.run(ctx, command)
	}

	return infer.UpdateResponse[State]{Output: state}, err
}

// Delete runs the delete command with the inputs that were stored last.
func (*Command) Delete(ctx context.Context, request infer.DeleteRequest[State]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, request.State.run(ctx, request.State.Inputs.Delete)
}

// implemented refuses what the official plugin can do and this one cannot.
func implemented(inputs Inputs) error {
	for name, value := range map[string]*[]string{"assetPaths": inputs.AssetPaths, "archivePaths": inputs.ArchivePaths} {
		if value != nil {
			return status.Errorf(codes.Unimplemented, "%s of command:local:Command is not implemented by the lab's plugin", name)
		}
	}

	return nil
}

// run runs a command and keeps its output. Without a command nothing changes.
func (s *State) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}

	process, err := newProcess(*command, s.Inputs)
	if err != nil {
		return err
	}

	if s.Inputs.AddPreviousOutputInEnv == nil || *s.Inputs.AddPreviousOutputInEnv {
		process.addPreviousOutput(s.Stdout, s.Stderr)
	}

	logger := provider.GetLogger(ctx)

	output, err := process.run(ctx, s.Inputs.Logging, logger.InfoStatus)
	if err != nil {
		return fmt.Errorf("%w: running %q:\n%s", err, *command, output.both)
	}

	s.Stdout, s.Stderr = output.stdout, output.stderr

	return nil
}
