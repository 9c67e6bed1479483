package kubernetesprovider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestKindOfAToken(t *testing.T) {
	for token, want := range map[string]schema.GroupVersionKind{
		"kubernetes:core/v1:Namespace":                                {Version: "v1", Kind: "Namespace"},
		"kubernetes:core/v1:NamespacePatch":                           {Version: "v1", Kind: "Namespace"},
		"kubernetes:apps/v1:Deployment":                               {Group: "apps", Version: "v1", Kind: "Deployment"},
		"kubernetes:cilium.io/v2:CiliumLoadBalancerIPPool":            {Group: "cilium.io", Version: "v2", Kind: "CiliumLoadBalancerIPPool"},
		"kubernetes:example.dev/v1:RoadPatch":                         {Group: "example.dev", Version: "v1", Kind: "RoadPatch"},
		"kubernetes:v1:ConfigMap":                                     {Version: "v1", Kind: "ConfigMap"},
		"kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": {Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"},
	} {
		kind, err := kindOf(resource.URN(urnOf(token, "x")))
		require.NoError(t, err, token)
		require.Equal(t, want, kind, token)
	}
}

func TestPatchIsTheTokensWordAgainstTheKinds(t *testing.T) {
	require.True(t, isPatch(resource.URN(urnOf("kubernetes:core/v1:NamespacePatch", "x")), "Namespace"))
	require.False(t, isPatch(resource.URN(urnOf("kubernetes:example.dev/v1:RoadPatch", "x")), "RoadPatch"))
}

func TestScopeOfKinds(t *testing.T) {
	plugin := New(nil)
	for kind, namespaced := range map[schema.GroupVersionKind]bool{
		{Version: "v1", Kind: "Namespace"}:                                               false,
		{Version: "v1", Kind: "Secret"}:                                                  true,
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"}:         false,
		{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}: false,
		{Group: "apps", Version: "v1", Kind: "DaemonSet"}:                                true,
		{Group: "nobody.knows", Version: "v1", Kind: "Thing"}:                            true,
	} {
		require.Equal(t, namespaced, plugin.isNamespaced(kind), kind)
	}
}

func TestAutonamingByTheEngine(t *testing.T) {
	name := func(options *pulumirpc.CheckRequest_AutonamingOptions, metadata object) (string, error) {
		object := &unstructured.Unstructured{Object: object{"metadata": metadata}}
		err := nameIt(&pulumirpc.CheckRequest{Urn: urnOf(configMapToken, "logical"), Autonaming: options}, object, &unstructured.Unstructured{Object: map[string]any{}})

		return object.GetName(), err
	}
	got, err := name(&pulumirpc.CheckRequest_AutonamingOptions{ProposedName: "proposed", Mode: pulumirpc.CheckRequest_AutonamingOptions_ENFORCE}, object{})
	require.NoError(t, err)
	require.Equal(t, "proposed", got)

	_, err = name(&pulumirpc.CheckRequest_AutonamingOptions{Mode: pulumirpc.CheckRequest_AutonamingOptions_DISABLE}, object{})
	require.ErrorContains(t, err, "metadata.name")
	_, err = name(nil, object{"generateName": "x-"})
	require.ErrorContains(t, err, "generateName")
	got, err = name(nil, object{"name": resource.Computed{Element: resource.NewStringProperty("")}})
	require.NoError(t, err)
	require.Empty(t, got, "a name that is not yet known is a name")
}

func TestRefusedAnnotationsAndLists(t *testing.T) {
	plugin := New(nil)
	_, err := engine{t, plugin}.check(urnOf(configMapToken, "x"), nil, object{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "x", "annotations": object{"pulumi.com/waitFor": "jsonpath={.a}=b"}},
	})
	require.ErrorContains(t, err, "Unimplemented: pulumi.com/waitFor")
	_, err = engine{t, plugin}.check(urnOf("kubernetes:core/v1:ConfigMapList", "x"), nil, object{"apiVersion": "v1", "kind": "ConfigMapList", "items": []any{}})
	require.ErrorContains(t, err, "a list cannot be created")
}
