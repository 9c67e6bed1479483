package machine_test

import (
	"testing"
	"time"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/machine"
)

func audit(policy map[string]any) func(*v1alpha1.Config) {
	return func(cfg *v1alpha1.Config) {
		cfg.ClusterConfig.APIServerConfig.AuditPolicyConfig = v1alpha1.Unstructured{Object: policy}
	}
}

// What Talos marks static pods with changes by what they are made from, and by nothing else.
func TestMarksOfStaticPods(t *testing.T) {
	t.Parallel()

	var plane controlplane.Options

	components := fakes()
	components.ControlPlane = func(o controlplane.Options) (machine.ControlPlane, error) {
		plane = o

		return &fakePlane{options: o}, nil
	}

	c, _, _, admin := controlPlaneOf(t, "127.201.0.27", components)

	type marks struct{ config, files, secrets string }

	now := func() marks {
		t.Helper()

		server, err := safe.StateGetByID[*k8s.APIServerConfig](t.Context(), admin.COSI, k8s.APIServerConfigID)
		require.NoError(t, err)
		files, err := safe.StateGetByID[*k8s.ConfigStatus](t.Context(), admin.COSI, k8s.ConfigStatusStaticPodID)
		require.NoError(t, err)
		secrets, err := safe.StateGetByID[*k8s.SecretsStatus](t.Context(), admin.COSI, k8s.StaticPodSecretsStaticPodID)
		require.NoError(t, err)

		return marks{server.Metadata().Version().String(), files.TypedSpec().Version, secrets.TypedSpec().Version}
	}

	policy := map[string]any{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": []any{map[string]any{"level": "None"}}}
	unknown := map[string]any{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rulez": []any{}}

	for _, step := range []struct {
		name     string
		patch    func(*v1alpha1.Config)
		expected marks
	}{
		{"nothing", func(*v1alpha1.Config) {}, marks{"1", "1111", "1"}},
		{"what no static pod is made from", func(cfg *v1alpha1.Config) { cfg.MachineConfig.MachineSysctls = map[string]string{"a": "1"} }, marks{"1", "1111", "1"}},
		{"an argument", live, marks{"2", "1111", "1"}},
		{"an audit policy", audit(policy), marks{"3", "1211", "1"}},
		{"the same again", audit(policy), marks{"3", "1211", "1"}},
		{"a name in the certificate", func(cfg *v1alpha1.Config) {
			audit(policy)(cfg)
			cfg.ClusterConfig.APIServerConfig.CertSANs = []string{"k8s.example.org"}
		}, marks{"3", "1211", "2"}},
		{"the scheduler, whose file is written with the API server's", func(cfg *v1alpha1.Config) {
			audit(policy)(cfg)
			cfg.ClusterConfig.SchedulerConfig = &v1alpha1.SchedulerConfig{ExtraArgsConfig: v1alpha1.Args{"v": v1alpha1.NewArgValue("3", nil)}}
		}, marks{"3", "1212", "3"}},
		{"what is no audit policy: no file is written", audit(unknown), marks{"3", "1212", "3"}},
	} {
		c.apply(admin, machineapi.ApplyConfigurationRequest_NO_REBOOT, c.config(machinetype.TypeControlPlane, "c1", step.patch))
		require.Equal(t, step.expected, now(), step.name)
	}

	written, err := admin.COSI.Get(t.Context(), resource.NewMetadata(k8s.ControlPlaneNamespaceName, k8s.AuditPolicyConfigType, k8s.AuditPolicyConfigID, resource.VersionUndefined))
	require.NoError(t, err)
	require.Equal(t, "3", written.Metadata().Version().String(), "Talos does take it from the config")

	require.Equal(t, map[string]string{
		"talos.dev/config-version": "3", "talos.dev/config-file-version": "1212", "talos.dev/secrets-version": "3",
	}, plane.Marks("kube-apiserver"))
	require.Equal(t, map[string]string{"talos.dev/config-version": "1", "talos.dev/secrets-version": "3"}, plane.Marks("kube-controller-manager"))
}

func TestLateStaticPods(t *testing.T) {
	t.Parallel()

	late := make(chan func() time.Duration, 1)
	components := fakes()
	components.ControlPlane = func(o controlplane.Options) (machine.ControlPlane, error) {
		late <- o.Late

		return &fakePlane{options: o}, nil
	}

	_, _, m, _ := controlPlaneOf(t, "127.201.0.28", components)
	after := <-late

	require.Zero(t, after())
	require.NoError(t, m.Fault(t.Context(), machine.FaultLatePods))
	require.Equal(t, 10*time.Second, after())
	require.NoError(t, m.Fault(t.Context(), machine.FaultMend))
	require.Zero(t, after())
}
