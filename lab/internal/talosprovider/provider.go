// Package talosprovider is the lab's Pulumi provider for the package "talos". It speaks the tokens of schema.json, over the
// same Talos machinery as the official plugin, and behaves as that does: what is unpleasant there is unpleasant here too.
package talosprovider

import (
	"context"
	"maps"
	"slices"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/middleware/cancel"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Name is the package's name, Version that of the official package whose schema this one speaks.
const (
	Name    = "talos"
	Version = "0.8.1"
)

// imageFactory is the factory that is asked where none is configured.
const imageFactory = "https://factory.talos.dev"

// plugin is one configured provider.
type plugin struct {
	factory   factory
	resources map[string]resource
	functions map[string]function
}

// New makes the provider.
func New() provider.Provider {
	p := &plugin{factory: factory{url: imageFactory}}

	p.resources = map[string]resource{
		"talos:cluster/kubeconfig:Kubeconfig":                 kubeconfig{},
		"talos:imageFactory/schematic:Schematic":              schematic{factory: &p.factory},
		"talos:machine/bootstrap:Bootstrap":                   bootstrap{},
		"talos:machine/configurationApply:ConfigurationApply": configurationApply{},
		"talos:machine/secrets:Secrets":                       machineSecrets{},
	}

	p.functions = map[string]function{
		"talos:client/getConfiguration:getConfiguration":                 functionOf(clientConfiguration),
		"talos:cluster/getKubeconfig:getKubeconfig":                      functionOf(getKubeconfig),
		"talos:imageFactory/getExtensionsVersions:getExtensionsVersions": functionOf(p.factory.extensionsVersions),
		"talos:imageFactory/getOverlaysVersions:getOverlaysVersions":     functionOf(p.factory.overlaysVersions),
		"talos:imageFactory/getUrls:getUrls":                             functionOf(p.factory.urls),
		"talos:imageFactory/getVersions:getVersions":                     functionOf(p.factory.versions),
		"talos:machine/getConfiguration:getConfiguration":                functionOf(machineConfiguration),
	}

	return cancel.Wrap(provider.Provider{
		GetSchema:   getSchema,
		CheckConfig: checkConfig,
		DiffConfig:  diffConfig,
		Configure:   p.configure,
		Invoke:      p.invoke,
		Check:       p.check,
		Diff:        p.diff,
		Create:      p.create,
		Read:        p.read,
		Update:      p.update,
		Delete:      p.delete,
	})
}

func getSchema(context.Context, provider.GetSchemaRequest) (provider.GetSchemaResponse, error) {
	return provider.GetSchemaResponse{Schema: schemaText}, nil
}

// checkConfig refuses configuration that the package does not have; the engine's own keys are not the package's.
func checkConfig(_ context.Context, request provider.CheckRequest) (provider.CheckResponse, error) {
	own := request.Inputs.Delete("version", "pluginDownloadURL")

	return provider.CheckResponse{
		Inputs:   request.Inputs,
		Failures: validate(own, packageSchema.Provider.InputProperties, nil, ""),
	}, nil
}

// diffConfig never replaces: a provider has no state of its own.
func diffConfig(_ context.Context, request provider.DiffRequest) (provider.DiffResponse, error) {
	return provider.DiffResponse{HasChanges: !same(property.New(request.State), property.New(request.Inputs))}, nil
}

func (p *plugin) configure(_ context.Context, request provider.ConfigureRequest) error {
	if url, ok := request.Args.GetOk("imageFactoryUrl"); ok && url.IsString() && url.AsString() != "" {
		p.factory.url = url.AsString()
	}

	return nil
}

// unimplemented is the answer to what the schema has and this plugin has not.
func unimplemented[T any](token string, implemented map[string]T) error {
	return status.Errorf(codes.Unimplemented, "%s is not implemented by the lab's plugin, which has %v",
		token, slices.Sorted(maps.Keys(implemented)))
}
