// Command lab brings a cluster up on this machine: what `npm run lab` hands over to once it is built.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func init() {
	// What is started to end with this process ends with the thread that started it: that has to be one that lasts.
	runtime.LockOSThread()
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	err := root().ExecuteContext(ctx)
	if err == nil {
		return
	}

	var ended *exec.ExitError // of Pulumi, which has said why
	if errors.As(err, &ended) && ended.ExitCode() > 0 {
		fmt.Fprintf(os.Stderr, "\nlab: %v\n", err)
		os.Exit(ended.ExitCode())
	}

	fmt.Fprintf(os.Stderr, "lab: %v\n", err)
	os.Exit(1)
}

func root() *cobra.Command {
	o := &options{}
	command := &cobra.Command{
		Use:   "lab",
		Short: "Brings a simulated cluster up on this machine, with the real program and the real Pulumi",
		Long: `Brings a cluster of simulated machines up on this machine, with the same program
that runs on hardware: "npm run lab" is all that is needed. It changes nothing
where nothing has changed, and nothing outside .lab/ and 127.0.0.0/8.`,
		Example: `  npm run lab
  npm run lab -- --stack phoebe
  npm run lab -- --set kubernetesVersion=v1.35.4
  npm run lab -- --plugins official
  npm run lab -- fault lab-k-work-01 off
  eval "$(npm run --silent lab -- env)"
  npm run lab:stop`,
		SilenceUsage: true, SilenceErrors: true,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return up(command, o) },
	}
	o.flags(command.PersistentFlags())
	command.CompletionOptions.DisableDefaultCmd = true
	command.SetUsageTemplate(strings.ReplaceAll(command.UsageTemplate(), "FlagUsages", "FlagUsagesWrapped 80"))
	command.AddCommand(upCommand(o), startCommand(o), buildCommand(o), envCommand(o), faultCommand(o), stopCommand(o), resetCommand(o), serveCommand(o))

	return command
}
