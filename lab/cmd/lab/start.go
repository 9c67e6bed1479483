package main

import "github.com/spf13/cobra"

func startCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Starts the lab without running Pulumi: new machines wait in maintenance mode",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			l, release, err := o.hold()
			if err != nil {
				return err
			}
			defer release()

			_, err = l.start(command.Context(), o)

			return err
		},
	}
}
