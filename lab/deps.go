//go:build deps

package lab

import (
	_ "github.com/spf13/cobra"
	_ "github.com/cosi-project/runtime/pkg/state/protobuf/server"
	_ "github.com/cosi-project/runtime/pkg/state/impl/inmem"
	_ "github.com/pulumi/pulumi-go-provider/infer"
	_ "github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	_ "github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	_ "github.com/pulumi/pulumi/pkg/v3/resource/provider"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configloader"
	_ "github.com/siderolabs/talos/pkg/machinery/client"
	_ "github.com/siderolabs/talos/pkg/machinery/config/generate"
	_ "github.com/siderolabs/crypto/x509"
	_ "go.etcd.io/etcd/client/v3"
	_ "gopkg.in/yaml.v3"
	_ "helm.sh/helm/v3/pkg/action"
	_ "k8s.io/client-go/kubernetes"
	_ "k8s.io/client-go/dynamic"
	_ "k8s.io/cli-runtime/pkg/genericclioptions"
	_ "github.com/siderolabs/go-retry/retry"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sys/unix"
	_ "github.com/stretchr/testify/require"
)
