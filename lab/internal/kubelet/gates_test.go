package kubelet

import (
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"
)

func TestGates(t *testing.T) {
	with := func(gate string) *v1alpha1.KubeletConfig {
		return &v1alpha1.KubeletConfig{KubeletExtraConfig: v1alpha1.Unstructured{Object: map[string]any{"featureGates": map[string]any{gate: true}}}}
	}
	flag := &v1alpha1.KubeletConfig{KubeletExtraArgs: v1alpha1.Args{"feature-gates": v1alpha1.NewArgValue("MemoryManager=true,PodsAPI=true", nil)}}

	require.NoError(t, checkGates("v1.35.4", with("MemoryManager")))
	require.EqualError(t, checkGates("v1.36.3", with("MemoryManager")),
		"failed to set feature gates from initial flags-based config: unrecognized feature gate: MemoryManager")
	require.NoError(t, checkGates("v1.36.3", with("PodsAPI")))
	require.ErrorContains(t, checkGates("v1.35.4", with("PodsAPI")), "PodsAPI")
	require.ErrorContains(t, checkGates("v1.35.4", flag), "PodsAPI")
	require.NoError(t, checkGates("v1.36.3", with("UserNamespacesSupport")), "not judged")
}
