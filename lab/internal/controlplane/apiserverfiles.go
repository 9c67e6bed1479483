package controlplane

import (
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"
)

const authorizationFile = "authorization-config.yaml"

type object = map[string]any

// apiServerFiles writes the configuration files that kube-apiserver reads.
func apiServerFiles(cfg config.Config, files map[string][]byte) error {
	server := cfg.Cluster().APIServer()

	plugins := []any{}
	for _, plugin := range server.AdmissionControl() {
		plugins = append(plugins, object{"name": plugin.Name(), "configuration": plugin.Configuration()})
	}

	documents := map[string]object{
		"admission-control-config.yaml": {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration", "plugins": plugins},
		"auditpolicy.yaml":              server.AuditPolicy(),
		"encryptionconfig.yaml":         encryptionConfig(cfg.Cluster()),
	}

	if authorizers := authorizationConfig(server); authorizers != nil {
		documents[authorizationFile] = authorizers
	}

	for name, document := range documents {
		content, err := yaml.Marshal(document)
		if err != nil {
			return err
		}

		files[name] = content
	}

	return nil
}

// encryptionConfig names the keys as Talos does, so that what one of them encrypted is found again.
func encryptionConfig(cluster config.ClusterConfig) object {
	var providers []any

	if secret := cluster.SecretboxEncryptionSecret(); secret != "" {
		providers = append(providers, object{"secretbox": object{"keys": []any{object{"name": "key2", "secret": secret}}}})
	}

	if secret := cluster.AESCBCEncryptionSecret(); secret != "" {
		providers = append(providers, object{"aescbc": object{"keys": []any{object{"name": "key1", "secret": secret}}}})
	}

	providers = append(providers, object{"identity": object{}})

	return object{
		"apiVersion": "v1", "kind": "EncryptionConfig",
		"resources": []any{object{"resources": []any{"secrets"}, "providers": providers}},
	}
}

// authorizationConfig is nil where the authorizers are given by flags, which exclude the file.
func authorizationConfig(server config.APIServer) object {
	for flag := range server.ExtraArgs() {
		if flag == "authorization-mode" || len(flag) > 22 && flag[:22] == "authorization-webhook-" {
			return nil
		}
	}

	configured := server.AuthorizationConfig()
	authorizers := []any{}

	for _, required := range []struct{ kind, name string }{{"Node", "node"}, {"RBAC", "rbac"}} {
		if !slices.ContainsFunc(configured, func(a config.AuthorizationConfigAuthorizer) bool { return a.Type() == required.kind }) {
			authorizers = append(authorizers, object{"type": required.kind, "name": required.name})
		}
	}

	for _, authorizer := range configured {
		entry := object{"type": authorizer.Type(), "name": authorizer.Name()}
		if webhook := authorizer.Webhook(); webhook != nil {
			entry["webhook"] = webhook
		}

		authorizers = append(authorizers, entry)
	}

	apiVersion := "apiserver.config.k8s.io/v1"
	if v, err := version.ParseGeneric(imageVersion(server.Image())); err == nil && v.LessThan(version.MustParseGeneric("1.32.0")) {
		apiVersion = "apiserver.config.k8s.io/v1beta1"
	}

	return object{"apiVersion": apiVersion, "kind": "AuthorizationConfiguration", "authorizers": authorizers}
}
