package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"phoebe.dev/lab/internal/daemon"
)

var faults = []string{"off", "on", "wipe"}

func faultCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "fault <hostname> off|on|wipe", Short: "Switches a machine off or on, or has it come back with an empty disk",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 2 || !slices.Contains(faults, arguments[1]) {
				return fmt.Errorf("write fault <hostname> off|on|wipe, for example: npm run lab -- fault lab-k-work-01 off")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			l, err := o.open()
			if err != nil {
				return err
			}
			name, action := arguments[0], arguments[1]
			if err := daemon.Dial(l.folder).Power(command.Context(), name, action); err != nil {
				return err
			}
			l.progress.Line("%s: %s", name, map[string]string{
				"off": "switched off", "on": "switched on", "wipe": "switched on with an empty disk",
			}[action])
			return nil
		},
	}
}
