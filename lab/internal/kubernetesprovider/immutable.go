package kubernetesprovider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// immutable are the fields whose change the API server refuses, or that have another object for their value.
var immutable = map[string][]string{
	"apps/Deployment": {".spec.selector"},
	"apps/DaemonSet":  {".spec.selector"},
	"apps/StatefulSet": {
		".spec.selector", ".spec.serviceName", ".spec.podManagementPolicy", ".spec.revisionHistoryLimit", ".spec.volumeClaimTemplates",
	},
	"batch/Job": {".spec.completions", ".spec.parallelism", ".spec.selector", ".spec.template"},
	"/PersistentVolume": {
		".spec.csi", ".spec.fc", ".spec.flexVolume", ".spec.hostPath", ".spec.iscsi", ".spec.local", ".spec.nfs",
	},
	"/PersistentVolumeClaim": {".spec.accessModes", ".spec.selector", ".spec.storageClassName", ".spec.volumeName"},
	"/ResourceQuota":         {".spec.scopes"},
	"/Service":               {".spec.clusterIP"},
	"rbac.authorization.k8s.io/ClusterRoleBinding": {".roleRef"},
	"rbac.authorization.k8s.io/RoleBinding":        {".roleRef"},
	"storage.k8s.io/StorageClass":                  {".parameters", ".provisioner"},
	"/Pod":                                         {".spec"},
}

// replacedBy names the fields whose change replaces an object: its identity always, the data of a Secret or ConfigMap
// unless the provider was told that pods may see it change, and what the API server holds to be immutable.
func (provider *Provider) replacedBy(urn resource.URN, object *unstructured.Unstructured) []string {
	fields := []string{".metadata.name", ".metadata.namespace"}
	if isPatch(urn, object.GetKind()) {
		return fields
	}

	locked, _, _ := unstructured.NestedBool(object.Object, "immutable")
	switch {
	case isSecret(object):
		if locked || !provider.settings.secretMutable {
			return append(fields, ".type", ".stringData", ".data")
		}

		return append(fields, ".type")
	case isConfigMap(object):
		if locked || !provider.settings.configMapMutable {
			return append(fields, ".binaryData", ".data")
		}

		return fields
	}

	kind := object.GroupVersionKind()

	return append(fields, immutable[kind.Group+"/"+kind.Kind]...)
}
