package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func envCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "env", Short: "Prints the exports with which npx pulumi, talosctl and kubectl address the lab",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			l, err := o.open()
			if err != nil {
				return err
			}

			memory, err := l.folder.Recall()
			if err != nil {
				return err
			}

			stack := o.stack
			if stack == "" {
				stack = memory.Current
			}

			if _, err := os.Stat(l.folder.StackFile(stack)); stack == "" || errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("no stack %swas brought up in %s: begin with `npm run lab`", spaced(stack), l.shown(l.folder.Path))
			}

			home := l.home(memory)
			for _, name := range home.Foreign(stack) {
				fmt.Printf("unset %s\n", name)
			}

			for _, variable := range home.Environment(stack) {
				fmt.Printf("export %s=%s\n", variable.Name, quote(variable.Value))
			}

			return nil
		},
	}
}

func spaced(word string) string {
	if word == "" {
		return ""
	}

	return word + " "
}

// quote makes one word of a value for any shell.
func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
