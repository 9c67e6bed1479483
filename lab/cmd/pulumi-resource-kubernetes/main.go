// The lab's own Pulumi resource plugin for Kubernetes: `pulumi-resource-kubernetes <engine address>`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	engine "github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"phoebe.dev/lab/internal/kubernetesprovider"
)

// pulse is how often the engine is asked whether it still lives.
const pulse = time.Second

func main() {
	err := engine.Main("kubernetes", func(host *engine.HostClient) (pulumirpc.ResourceProviderServer, error) {
		if err := endWith(flag.Arg(0)); err != nil {
			return nil, err
		}

		return kubernetesprovider.New(host), nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// endWith ends this process soon after the engine at the address is gone, whatever is under way: an engine that was
// killed cannot record what a plugin would still do.
func endWith(address string) error {
	if address == "" { // started by hand, the engine attaches later
		return nil
	}

	return rpcutil.Healthcheck(context.Background(), address, pulse, func() { os.Exit(1) })
}
