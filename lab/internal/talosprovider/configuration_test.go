package talosprovider_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/stretchr/testify/require"
)

const (
	configurationToken = "talos:machine/getConfiguration:getConfiguration"
	talosconfigToken   = "talos:client/getConfiguration:getConfiguration"
)

// configuring are arguments for a node; those given replace them.
func configuring(c client, more fields) fields {
	c.t.Helper()

	made := imported(c.t, c, ours()).Get("machineSecrets")
	arguments := fields{
		"clusterName": "phoebe", "clusterEndpoint": "https://10.80.0.8:6443", "machineType": "controlplane",
		"machineSecrets": made, "kubernetesVersion": "v1.35.4", "talosVersion": "v1.13.0",
	}

	for name, value := range more {
		arguments[name] = value
	}

	return arguments
}

func TestAMachineConfigurationIsOneThatTalosLoads(t *testing.T) {
	c := newClient(t, nil)
	arguments := configuring(c, fields{"configPatches": []string{
		patch,
		"machine:\n  install:\n    disk: /dev/vda\n---\napiVersion: v1alpha1\nkind: WatchdogTimerConfig\ndevice: /dev/watchdog0\n",
	}})
	answer := c.mustInvoke(configurationToken, arguments)
	text := answer.Get("machineConfiguration").AsString()

	loaded, err := configloader.NewFromBytes([]byte(text))
	require.NoError(t, err)
	require.Equal(t, "phoebe", loaded.Cluster().Name())
	require.Equal(t, "https://10.80.0.8:6443", loaded.Cluster().Endpoint().String())
	require.Equal(t, constants.KubeletImage+":v1.35.4", loaded.Machine().Kubelet().Image())
	require.Equal(t, "/dev/vda", loaded.RawV1Alpha1().MachineConfig.MachineInstall.InstallDisk)
	require.Contains(t, text, "kind: WatchdogTimerConfig")
	require.Contains(t, text, "hostname: c2")
	require.NotContains(t, text, "#", "neither docs nor examples where nothing was said")

	require.Equal(t, "phoebe", answer.Get("id").AsString())
	require.Equal(t, "v1.35.4", answer.Get("kubernetesVersion").AsString())
	require.False(t, property.New(answer).HasSecrets(), "a function's result is not marked")
}

func TestTheSameArgumentsMakeTheSameConfiguration(t *testing.T) {
	c := newClient(t, nil)
	arguments := configuring(c, fields{"machineType": "worker"})
	one := c.mustInvoke(configurationToken, arguments)

	require.Equal(t, one, c.mustInvoke(configurationToken, arguments))

	arguments["kubernetesVersion"] = "1.35.4"
	require.Equal(t, one.Get("machineConfiguration"), c.mustInvoke(configurationToken, arguments).Get("machineConfiguration"),
		"with or without the v")
	require.NotContains(t, one.Get("machineConfiguration").AsString(), "etcd:", "a worker knows nothing of etcd")
}

func TestDocsAndExamplesAreThereWhenAskedFor(t *testing.T) {
	c := newClient(t, nil)
	text := c.mustInvoke(configurationToken, configuring(c, fields{"docs": true, "examples": true})).Get("machineConfiguration")
	require.Contains(t, text.AsString(), "# ")
}

func TestAnOldContractLeavesOutWhatIsNewer(t *testing.T) {
	c := newClient(t, nil)
	text := func(version string) string {
		return c.mustInvoke(configurationToken, configuring(c, fields{"talosVersion": version})).Get("machineConfiguration").AsString()
	}

	require.NotContains(t, text("v1.11"), "kind: HostnameConfig")
	require.Contains(t, text("v1.13"), "kind: HostnameConfig")
}

func TestArgumentsThatMakeNoConfigurationAreRefused(t *testing.T) {
	c := newClient(t, nil)

	for name, wrong := range map[string]struct {
		value   any
		message string
	}{
		"clusterEndpoint": {"10.80.0.8", `clusterEndpoint "10.80.0.8" has to be a URL such as https://10.60.0.10:6443`},
		"machineType":     {"init", `machineType cannot be "init", but controlplane or worker`},
		"talosVersion":    {"latest", `talosVersion "latest"`},
		"clusterName":     {"", "clusterName is empty"},
		"configPatches":   {[]string{"machine: {network: {hostnam: c1}}"}, "configPatches"},
	} {
		_, err := c.invoke(configurationToken, configuring(c, fields{name: wrong.value}))
		require.ErrorContains(t, err, wrong.message, name)
	}

	_, err := c.invoke(configurationToken, configuring(c, fields{"clusterEndpoint": "http://10.80.0.8:6443"}))
	require.ErrorContains(t, err, "has to be a URL such as https://")
}

func TestATalosconfigHoldsWhatWasGiven(t *testing.T) {
	c, bundle := newClient(t, nil), ours()

	answer := c.mustInvoke(talosconfigToken, fields{
		"clusterName": "phoebe", "clientConfiguration": clientOf(t, bundle),
		"endpoints": []string{"10.60.0.10", "10.60.0.11"}, "nodes": []string{"10.60.0.10"},
	})

	parsed, err := config.FromString(answer.Get("talosConfig").AsString())
	require.NoError(t, err)
	require.Equal(t, "phoebe", parsed.Context)
	require.Equal(t, []string{"10.60.0.10", "10.60.0.11"}, parsed.Contexts["phoebe"].Endpoints)
	require.Equal(t, []string{"10.60.0.10"}, parsed.Contexts["phoebe"].Nodes)
}
