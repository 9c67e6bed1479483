package kubernetesprovider

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// reaching are the settings that say which cluster is meant.
var reaching = []string{"kubeconfig", "context", "cluster"}

// CheckConfig refuses by name what this plugin would not honour.
func (provider *Provider) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := properties.Unmarshal("provider settings", request.GetNews())
	if err != nil {
		return nil, err
	}

	response := &pulumirpc.CheckResponse{Inputs: request.GetNews()}

	for name, value := range properties.Revealed(news) {
		if reason := refuse(name, fmt.Sprint(value)); reason != "" {
			response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Property: name, Reason: reason})
		}
	}

	return response, nil
}

// DiffConfig decides whether changed settings mean another cluster, which replaces the provider and all that it made.
func (provider *Provider) DiffConfig(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, news, err := properties.Both("old provider settings", request.GetOlds(), "new provider settings", request.GetNews())
	if err != nil {
		return nil, err
	}

	return diffConfig(properties.Revealed(olds), properties.Revealed(news))
}

func diffConfig(olds, news map[string]any) (*pulumirpc.DiffResponse, error) {
	diffs := changedKeys(olds, news)
	if len(diffs) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}

	replaces, err := replacedBy(olds, news, diffs)
	if err != nil {
		return nil, err
	}

	return &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_SOME, Diffs: diffs, Replaces: replaces,
	}, nil
}

// replacedBy names the settings that replace the provider. An identifier that stays the same vouches for the cluster;
// one that changes replaces; one that is added or removed says nothing. Without it the cluster entry decides, and a
// kubeconfig that is not yet known might be anyone's.
func replacedBy(olds, news map[string]any, diffs []string) ([]string, error) {
	before, after := olds["clusterIdentifier"], news["clusterIdentifier"]

	var replaces []string

	switch {
	case after != nil && reflect.DeepEqual(before, after):
		return nil, nil
	case before != nil && after != nil:
		replaces = append(replaces, "clusterIdentifier")
	}

	for _, key := range reaching {
		if _, unknown := news[key].(resource.Computed); unknown {
			return append(replaces, key), nil
		}
	}

	oldCluster, err := clusterOf(olds)
	if err != nil {
		return nil, fmt.Errorf("the old kubeconfig: %w", err)
	}

	newCluster, err := clusterOf(news)
	if err != nil {
		return nil, fmt.Errorf("the new kubeconfig: %w", err)
	}

	if oldCluster != nil && newCluster != nil && !reflect.DeepEqual(oldCluster, newCluster) {
		for _, key := range reaching {
			if slices.Contains(diffs, key) {
				replaces = append(replaces, key)
			}
		}
	}

	return replaces, nil
}

func clusterOf(values map[string]any) (*clientcmdapi.Cluster, error) {
	text := func(key string) string { value, _ := values[key].(string); return value }

	config, err := loadKubeconfig(text("kubeconfig"))
	if err != nil {
		return nil, err
	}

	return activeCluster(config, text("context"), text("cluster")), nil
}

func changedKeys(olds, news map[string]any) []string {
	var keys []string

	for key, value := range news {
		if !reflect.DeepEqual(olds[key], value) {
			keys = append(keys, key)
		}
	}

	for key := range olds {
		if _, kept := news[key]; !kept {
			keys = append(keys, key)
		}
	}

	slices.Sort(keys)

	return keys
}
