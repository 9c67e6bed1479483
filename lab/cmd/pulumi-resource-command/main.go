// Command pulumi-resource-command is the lab's plugin for the package "command": it runs local commands.
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"

	"phoebe.dev/lab/internal/commandprovider"
)

func main() {
	err := provider.RunProvider(context.Background(), commandprovider.Name, commandprovider.Version, commandprovider.New())
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-command:", err)
		os.Exit(1)
	}
}
