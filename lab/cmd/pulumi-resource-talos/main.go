// Command pulumi-resource-talos is the lab's plugin for the package "talos".
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"

	"phoebe.dev/lab/internal/talosprovider"
)

func main() {
	err := provider.RunProvider(context.Background(), talosprovider.Name, talosprovider.Version, talosprovider.New())
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-talos:", err)
		os.Exit(1)
	}
}
