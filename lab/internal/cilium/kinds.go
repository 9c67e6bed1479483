package cilium

import (
	"context"
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// kind is one that the operator registers. Here it takes any fields: its schema is Cilium's own business.
type kind struct {
	name       string
	plural     string // its name in lower case with an s, unless it says otherwise
	namespaced bool
	versions   []string // the one that is stored first
}

// kinds are those of Cilium 1.20 that a person writes objects of.
var kinds = []kind{
	{name: "CiliumBGPAdvertisement", versions: []string{"v2"}},
	{name: "CiliumBGPClusterConfig", versions: []string{"v2"}},
	{name: "CiliumBGPNodeConfigOverride", versions: []string{"v2"}},
	{name: "CiliumBGPPeerConfig", versions: []string{"v2"}},
	{name: "CiliumCIDRGroup", versions: []string{"v2"}},
	{name: "CiliumClusterwideEnvoyConfig", versions: []string{"v2"}},
	{name: "CiliumClusterwideNetworkPolicy", plural: "ciliumclusterwidenetworkpolicies", versions: []string{"v2"}},
	{name: "CiliumEgressGatewayPolicy", plural: "ciliumegressgatewaypolicies", versions: []string{"v2"}},
	{name: "CiliumEnvoyConfig", namespaced: true, versions: []string{"v2"}},
	{name: "CiliumGatewayClassConfig", namespaced: true, versions: []string{"v2alpha1"}},
	{name: "CiliumL2AnnouncementPolicy", plural: "ciliuml2announcementpolicies", versions: []string{"v2alpha1"}},
	{name: "CiliumLoadBalancerIPPool", versions: []string{"v2", "v2alpha1"}},
	{name: "CiliumLocalRedirectPolicy", plural: "ciliumlocalredirectpolicies", namespaced: true, versions: []string{"v2"}},
	{name: "CiliumNetworkPolicy", plural: "ciliumnetworkpolicies", namespaced: true, versions: []string{"v2"}},
	{name: "CiliumNodeConfig", namespaced: true, versions: []string{"v2"}},
	{name: "CiliumPodIPPool", versions: []string{"v2alpha1", "v2"}},
}

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// register makes the definitions that are not there yet.
func register(ctx context.Context, client dynamic.Interface) error {
	var failures []error

	for _, k := range kinds {
		_, err := client.Resource(definitions).Create(ctx, k.definition(), metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			failures = append(failures, err)
		}
	}

	return errors.Join(failures...)
}

func (k kind) definition() *unstructured.Unstructured {
	plural, scope := k.plural, "Cluster"
	if plural == "" {
		plural = strings.ToLower(k.name) + "s"
	}

	if k.namespaced {
		scope = "Namespaced"
	}

	versions := make([]any, 0, len(k.versions))
	for i, version := range k.versions {
		versions = append(versions, map[string]any{
			"name": version, "served": true, "storage": i == 0,
			"schema":       map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
			"subresources": map[string]any{"status": map[string]any{}},
		})
	}

	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": definitions.GroupVersion().String(),
		"kind":       "CustomResourceDefinition",
		"metadata":   map[string]any{"name": plural + "." + group},
		"spec": map[string]any{
			"group": group, "scope": scope, "versions": versions,
			"names": map[string]any{"kind": k.name, "listKind": k.name + "List", "plural": plural, "singular": strings.ToLower(k.name)},
		},
	}}
}
