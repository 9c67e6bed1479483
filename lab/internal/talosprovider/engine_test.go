package talosprovider_test

import (
	"encoding/base64"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/enginetest"
	"phoebe.dev/lab/internal/talosprovider"
)

// cluster is a program as a stack writes it, over the SDK of this repository.
const cluster = `import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";

const node = new pulumi.Config().require("node");
const { machineSecrets, clientConfiguration } = new talos.machine.Secrets("secrets", { talosVersion: "v1.13.0" });

const configuration = talos.machine.getConfigurationOutput({
  clusterName: "phoebe",
  clusterEndpoint: "https://10.80.0.8:6443",
  machineType: "controlplane",
  machineSecrets,
  kubernetesVersion: "v1.35.4",
  talosVersion: "v1.13.0",
});

const applied = new talos.machine.ConfigurationApply("apply", {
  node,
  clientConfiguration,
  machineConfigurationInput: configuration.machineConfiguration,
});

export const hash = applied.machineConfigurationHash;
export const talosconfig = talos.client.getConfigurationOutput({ clusterName: "phoebe", clientConfiguration }).talosConfig;
`

func TestAStackConfiguresAMachineUnderTheEngine(t *testing.T) {
	fake := newMachine(t, 30, nil)
	project := enginetest.New(t, cluster, enginetest.Plugin{Name: talosprovider.Name, Version: talosprovider.Version})

	project.MustRun("config", "set", "node", fake.address)
	project.MustRun("preview")
	require.Empty(t, fake.applied, "a preview asks no machine")

	project.MustRun("up", "--yes", "--skip-preview")
	require.Len(t, fake.applied, 1)

	loaded, err := configloader.NewFromBytes(fake.applied[0].Data)
	require.NoError(t, err)

	project.MustRun("up", "--yes", "--skip-preview", "--expect-no-changes", "--refresh")
	require.Len(t, fake.applied, 1)

	state := project.MustRun("stack", "export")
	require.NotContains(t, state, loaded.Cluster().Secret())
	require.NotContains(t, state, loaded.Cluster().Token().Secret())

	for _, kind := range []string{"ED25519", "EC", "RSA"} {
		begin := base64.RawStdEncoding.EncodeToString([]byte("-----BEGIN " + kind + " PRIVATE KEY-----")[:18])
		require.NotContains(t, state, begin, "a private key")
	}

	require.Contains(t, state, loaded.Cluster().ID(), "the cluster's ID is no secret")
	require.Contains(t, project.MustRun("stack", "output"), "[secret]")
}
