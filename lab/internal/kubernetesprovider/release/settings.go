package release

import (
	"os"

	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/helmpath"
)

// Settings are the SDK's helmReleaseSettings: where Helm keeps what is not in the cluster.
type Settings struct {
	Driver               string `json:"driver"`
	PluginsPath          string `json:"pluginsPath"`
	RegistryConfigPath   string `json:"registryConfigPath"`
	RepositoryConfigPath string `json:"repositoryConfigPath"`
	RepositoryCache      string `json:"repositoryCache"`
}

// DefaultSettings come from the environment, then from Helm's own folders (which HELM_CACHE_HOME and its like move).
func DefaultSettings() Settings {
	or := func(variable, fallback string) string {
		if value := os.Getenv(variable); value != "" {
			return value
		}

		return fallback
	}

	return Settings{
		Driver:               or("PULUMI_K8S_HELM_DRIVER", "secret"),
		PluginsPath:          or("PULUMI_K8S_HELM_PLUGINS_PATH", helmpath.DataPath("plugins")),
		RegistryConfigPath:   or("PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH", helmpath.ConfigPath("registry/config.json")),
		RepositoryConfigPath: or("PULUMI_K8S_HELM_REPOSITORY_CONFIG_PATH", helmpath.ConfigPath("repositories.yaml")),
		RepositoryCache:      or("PULUMI_K8S_HELM_REPOSITORY_CACHE", helmpath.CachePath("repository")),
	}
}

func (settings Settings) environment() *cli.EnvSettings {
	environment := cli.New()
	environment.PluginsDirectory = settings.PluginsPath
	environment.RegistryConfig = settings.RegistryConfigPath
	environment.RepositoryConfig = settings.RepositoryConfigPath
	environment.RepositoryCache = settings.RepositoryCache

	return environment
}
