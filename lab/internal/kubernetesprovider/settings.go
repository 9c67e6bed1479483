package kubernetesprovider

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"phoebe.dev/lab/internal/kubernetesprovider/release"
)

// settings is the provider's configuration, typed.
type settings struct {
	kubeconfig, context, cluster, namespace string

	deleteUnreachable, skipUpdateUnreachable bool
	patchForce, upsert                       bool
	secretMutable, configMapMutable          bool

	client clientSettings
	helm   release.Settings
}

// clientSettings are the SDK's kubeClientSettings; Timeout is in seconds.
type clientSettings struct {
	Burst   int     `json:"burst"`
	QPS     float32 `json:"qps"`
	Timeout int     `json:"timeout"`
}

const prefix = "kubernetes:config:"

// flags are the settings that are on or off, each with the variable that gives its default.
var flags = map[string]struct {
	environment string
	field       func(*settings) *bool
}{
	"deleteUnreachable":      {"PULUMI_K8S_DELETE_UNREACHABLE", func(s *settings) *bool { return &s.deleteUnreachable }},
	"skipUpdateUnreachable":  {"PULUMI_K8S_SKIP_UPDATE_UNREACHABLE", func(s *settings) *bool { return &s.skipUpdateUnreachable }},
	"enablePatchForce":       {"PULUMI_K8S_ENABLE_PATCH_FORCE", func(s *settings) *bool { return &s.patchForce }},
	"upsertExistingObjects":  {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS", func(s *settings) *bool { return &s.upsert }},
	"enableSecretMutable":    {"PULUMI_K8S_ENABLE_SECRET_MUTABLE", func(s *settings) *bool { return &s.secretMutable }},
	"enableConfigMapMutable": {"PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", func(s *settings) *bool { return &s.configMapMutable }},
}

// accepted are the other settings; the suppress… ones ask for silence that there is anyway, and clusterIdentifier
// matters to DiffConfig alone. The last two come from the engine.
var accepted = []string{
	"kubeconfig", "context", "cluster", "namespace", "clusterIdentifier", "kubeClientSettings", "helmReleaseSettings",
	"suppressDeprecationWarnings", "suppressHelmHookWarnings", "enableServerSideApply",
	"version", "pluginDownloadURL",
}

// refuse says why a setting cannot be honoured, or nothing.
func refuse(name, value string) string {
	if name == "enableServerSideApply" && value == "false" {
		return "Unimplemented: enableServerSideApply false: this plugin knows server-side apply only; remove the setting"
	}

	if _, flag := flags[name]; flag || slices.Contains(accepted, name) || strings.HasPrefix(name, "__") {
		return ""
	}

	return fmt.Sprintf("Unimplemented: %s: this plugin does not know that provider setting; remove it", name)
}

// parseSettings reads the variables of a Configure call.
func parseSettings(variables map[string]string) (settings, error) {
	result := settings{
		client: clientSettings{Burst: 120, QPS: 50},
		helm:   release.DefaultSettings(),
	}

	values := make(map[string]string, len(variables))
	for key, value := range variables {
		name := strings.TrimPrefix(key, prefix)
		if reason := refuse(name, value); reason != "" {
			return settings{}, fmt.Errorf("%s", reason)
		}

		values[name] = value
	}

	for name, flag := range flags {
		value, set := values[name]
		if !set {
			value = os.Getenv(flag.environment)
		}

		*flag.field(&result) = value == "true"
	}

	result.kubeconfig, result.context = values["kubeconfig"], values["context"]
	result.cluster, result.namespace = values["cluster"], values["namespace"]

	for name, target := range map[string]any{"kubeClientSettings": &result.client, "helmReleaseSettings": &result.helm} {
		if err := decodeStrictly(values[name], target); err != nil {
			return settings{}, fmt.Errorf("provider setting %s: %w", name, err)
		}
	}

	return result, nil
}

// decodeStrictly reads a nested setting, which arrives as JSON, and refuses fields that nobody would honour.
func decodeStrictly(text string, target any) error {
	if text == "" {
		return nil
	}

	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()

	return decoder.Decode(target)
}
