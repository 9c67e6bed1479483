package release

import (
	"fmt"
	"io"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/registry"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// action is Helm's way into the cluster, for one namespace.
func (releases *Releases) action(namespace string) (*action.Configuration, error) {
	if releases.Unreachable != "" {
		return nil, fmt.Errorf("the cluster is unreachable: %s", releases.Unreachable)
	}

	configuration := &action.Configuration{}

	getter := &getter{config: releases.Config, namespace: namespace}
	if err := configuration.Init(getter, namespace, releases.Settings.Driver, func(string, ...any) {}); err != nil {
		return nil, fmt.Errorf("opening Helm's releases of namespace %q: %w", namespace, err)
	}

	client, err := releases.registry(nil)
	configuration.RegistryClient = client

	return configuration, err
}

// registry is the client for OCI charts.
func (releases *Releases) registry(repository *repositoryOpts) (*registry.Client, error) {
	options := []registry.ClientOption{
		registry.ClientOptEnableCache(true),
		registry.ClientOptWriter(io.Discard),
		registry.ClientOptCredentialsFile(releases.Settings.RegistryConfigPath),
	}
	if repository == nil {
		return registry.NewClient(options...)
	}

	withTLS := repository.CAFile != "" || repository.CertFile != ""
	withPassword := repository.Username != "" && repository.Password != ""

	switch {
	case withTLS && withPassword:
		return nil, fmt.Errorf("Unimplemented: repositoryOpts.caFile or certFile together with username for an OCI chart")
	case withTLS:
		return registry.NewRegistryClientWithTLS(io.Discard, repository.CertFile, repository.KeyFile, repository.CAFile,
			false, releases.Settings.RegistryConfigPath, false)
	case withPassword:
		options = append(options, registry.ClientOptBasicAuth(repository.Username, repository.Password))
	}

	return registry.NewClient(options...)
}

// getter gives Helm the provider's connection; a namespace that a template leaves open is the release's.
type getter struct {
	config    *rest.Config
	namespace string
}

func (getter *getter) ToRESTConfig() (*rest.Config, error) {
	return rest.CopyConfig(getter.config), nil
}

func (getter *getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	client, err := discovery.NewDiscoveryClientForConfig(getter.config)
	if err != nil {
		return nil, err
	}

	return memory.NewMemCacheClient(client), nil
}

func (getter *getter) ToRESTMapper() (meta.RESTMapper, error) {
	client, err := getter.ToDiscoveryClient()
	if err != nil {
		return nil, err
	}

	mapper := restmapper.NewDeferredDiscoveryRESTMapper(client)

	return restmapper.NewShortcutExpander(mapper, client, func(string) {}), nil
}

func (getter *getter) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	return clientcmd.NewDefaultClientConfig(*clientcmdapi.NewConfig(), &clientcmd.ConfigOverrides{
		Context: clientcmdapi.Context{Namespace: getter.namespace},
	})
}
