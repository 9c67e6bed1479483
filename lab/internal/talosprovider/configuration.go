package talosprovider

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/siderolabs/net"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/bundle"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/gendata"
)

type configurationArguments struct {
	ClusterName       string         `json:"clusterName"`
	ClusterEndpoint   string         `json:"clusterEndpoint"`
	MachineType       string         `json:"machineType"`
	MachineSecrets    MachineSecrets `json:"machineSecrets"`
	KubernetesVersion string         `json:"kubernetesVersion"`
	TalosVersion      string         `json:"talosVersion"`
	ConfigPatches     []string       `json:"configPatches,omitempty"`
	Docs              *bool          `json:"docs,omitempty"`
	Examples          *bool          `json:"examples,omitempty"`
}

type configurationResult struct {
	configurationArguments

	ID                   string `json:"id"`
	MachineConfiguration string `json:"machineConfiguration"`
}

// machineConfiguration is talos:machine/getConfiguration:getConfiguration.
func machineConfiguration(_ context.Context, arguments configurationArguments) (configurationResult, error) {
	if arguments.KubernetesVersion == "" {
		arguments.KubernetesVersion = constants.DefaultKubernetesVersion
	}

	if arguments.TalosVersion == "" {
		arguments.TalosVersion = defaultContract()
	}

	result := configurationResult{configurationArguments: arguments, ID: arguments.ClusterName}

	options, err := arguments.options()
	if err != nil {
		return result, err
	}

	generated, err := bundle.NewBundle(options...)
	if err != nil {
		return result, fmt.Errorf("generating the machine configuration: %w", err)
	}

	kind, err := machine.ParseType(arguments.MachineType)
	if err != nil {
		return result, err
	}

	text, err := generated.Serialize(arguments.comments(), kind)
	result.MachineConfiguration = string(text)

	return result, err
}

// options check the arguments and say the same to the generator.
func (a configurationArguments) options() ([]bundle.Option, error) {
	if a.ClusterName == "" {
		return nil, fmt.Errorf("clusterName is empty")
	}

	if err := checkClusterEndpoint(a.ClusterEndpoint); err != nil {
		return nil, err
	}

	contract, err := config.ParseContractFromVersion(a.TalosVersion)
	if err != nil {
		return nil, fmt.Errorf("talosVersion %q: %w", a.TalosVersion, err)
	}

	patches, err := configpatcher.LoadPatches(a.ConfigPatches)
	if err != nil {
		return nil, fmt.Errorf("configPatches: %w", err)
	}

	secrets, err := a.MachineSecrets.bundle()
	if err != nil {
		return nil, err
	}

	patch := bundle.WithPatchControlPlane(patches)

	switch a.MachineType {
	case "controlplane":
	case "worker":
		patch = bundle.WithPatchWorker(patches)
	default:
		return nil, fmt.Errorf("machineType cannot be %q, but controlplane or worker", a.MachineType)
	}

	return []bundle.Option{
		bundle.WithVerbose(false),
		patch,
		bundle.WithInputOptions(&bundle.InputOptions{
			ClusterName: a.ClusterName,
			Endpoint:    a.ClusterEndpoint,
			KubeVersion: strings.TrimPrefix(a.KubernetesVersion, "v"),
			GenOptions: []generate.Option{
				generate.WithClusterDiscovery(true),
				generate.WithDNSDomain(constants.DefaultDNSDomain),
				generate.WithInstallDisk("/dev/sda"),
				generate.WithInstallImage(defaultInstaller()),
				generate.WithSecretsBundle(secrets),
				generate.WithVersionContract(contract),
			},
		}),
	}, nil
}

func (a configurationArguments) comments() encoder.CommentsFlags {
	flags := encoder.CommentsDisabled

	if a.Docs != nil && *a.Docs {
		flags |= encoder.CommentsDocs
	}

	if a.Examples != nil && *a.Examples {
		flags |= encoder.CommentsExamples
	}

	return flags
}

// defaultInstaller is the installer of the machinery's own version.
func defaultInstaller() string {
	return fmt.Sprintf("%s/%s/installer:%s", gendata.ImagesRegistry, gendata.ImagesUsername, gendata.VersionTag)
}

// checkClusterEndpoint wants a URL with https, as talosctl does.
func checkClusterEndpoint(endpoint string) error {
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Scheme != "https" {
		return fmt.Errorf("clusterEndpoint %q has to be a URL such as https://10.60.0.10:%d",
			endpoint, constants.DefaultControlPlanePort)
	}

	if err = net.ValidateEndpointURI(endpoint); err != nil {
		return fmt.Errorf("clusterEndpoint %q: %w", endpoint, err)
	}

	return nil
}
