package kubernetesprovider

import (
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/kubernetes/scheme"
)

// clusterScoped are Kubernetes' own kinds that live in no namespace. They are listed because a preview has to know
// without a cluster.
var clusterScoped = sets.New(
	"APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
	"ClusterTrustBundle", "ComponentStatus", "CustomResourceDefinition", "DeviceClass", "DeviceTaintRule",
	"FlowSchema", "IPAddress", "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
	"MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass",
	"PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass", "SelfSubjectAccessReview", "SelfSubjectReview",
	"SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "StorageVersion", "StorageVersionMigration",
	"SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
	"ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass",
)

// builtIn says whether a kind is Kubernetes' own.
func builtIn(version schema.GroupVersion) bool {
	return version.Group == "apiextensions.k8s.io" || version.Group == "apiregistration.k8s.io" ||
		scheme.Scheme.IsVersionRegistered(version)
}

// scopes remembers the CustomResourceDefinitions that the program is about to create.
type scopes struct {
	mutex      *sync.Mutex
	namespaced map[schema.GroupKind]bool
}

func newScopes() scopes {
	return scopes{mutex: &sync.Mutex{}, namespaced: map[schema.GroupKind]bool{}}
}

// learn takes note of a definition; other objects are none of its business.
func (scopes scopes) learn(object *unstructured.Unstructured) {
	if !isDefinition(object) {
		return
	}

	group, _, _ := unstructured.NestedString(object.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(object.Object, "spec", "names", "kind")
	scope, _, _ := unstructured.NestedString(object.Object, "spec", "scope")

	scopes.mutex.Lock()
	defer scopes.mutex.Unlock()

	scopes.namespaced[schema.GroupKind{Group: group, Kind: kind}] = scope == "Namespaced"
}

// isNamespaced answers for any kind. Of a custom resource whose definition is nowhere yet it says yes: the create, which
// knows better, sets that right.
func (provider *Provider) isNamespaced(kind schema.GroupVersionKind) bool {
	if builtIn(kind.GroupVersion()) {
		return !clusterScoped.Has(kind.Kind)
	}

	provider.scopes.mutex.Lock()
	namespaced, learned := provider.scopes.namespaced[kind.GroupKind()]
	provider.scopes.mutex.Unlock()

	if learned || !provider.cluster.reachable() {
		return namespaced || !learned
	}

	mapping, err := provider.cluster.mapper.RESTMapping(kind.GroupKind(), kind.Version)

	return err != nil || mapping.Scope.Name() != meta.RESTScopeNameRoot
}

func isDefinition(object *unstructured.Unstructured) bool {
	kind := object.GroupVersionKind()

	return kind.Group == "apiextensions.k8s.io" && kind.Kind == "CustomResourceDefinition"
}
