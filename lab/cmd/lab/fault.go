package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"phoebe.dev/lab/internal/daemon"
	"phoebe.dev/lab/internal/machine"
)

func faultCommand(o *options) *cobra.Command {
	var list bool

	command := &cobra.Command{
		Use: "fault <hostname> <kind>", Short: "Has something go wrong with a machine, or mends it",
		Long: "Has something go wrong with a machine, or mends it. A fault outlives the lab's end.\nKinds:\n" + kinds(),
		Args: cobra.MaximumNArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			if list {
				_, err := io.WriteString(command.OutOrStdout(), kinds())

				return err
			}

			if len(arguments) != 2 {
				return errors.New("write fault <hostname> <kind>, for example: npm run lab -- fault lab-k-work-01 off; fault --list shows all kinds")
			}

			name, kind := arguments[0], machine.Fault(arguments[1])

			what, err := meaning(kind)
			if err != nil {
				return err
			}

			l, err := o.open()
			if err != nil {
				return err
			}

			if err := daemon.Dial(l.folder).Fault(command.Context(), name, kind); err != nil {
				return err
			}

			l.progress.Line("%s: %s", name, what)

			return nil
		},
	}
	command.Flags().BoolVar(&list, "list", false, "show all kinds")

	return command
}

// kinds is the list for a person.
func kinds() string {
	text := ""
	for _, kind := range machine.Faults {
		text += fmt.Sprintf("  %-12s %s\n", kind.Fault, kind.What)
	}

	return text
}

func meaning(fault machine.Fault) (string, error) {
	for _, kind := range machine.Faults {
		if kind.Fault == fault {
			return kind.What, nil
		}
	}

	return "", fmt.Errorf("no fault is called %q; there are:\n%s", fault, kinds())
}
