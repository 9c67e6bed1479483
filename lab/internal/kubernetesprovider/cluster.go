package kubernetesprovider

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// cluster is the Kubernetes cluster as it was found when the provider was configured: whether it can be reached is
// decided once, there.
type cluster struct {
	reason    string // why it cannot be reached; empty if it can
	namespace string // for objects that name none
	config    *rest.Config
	objects   dynamic.Interface
	mapper    *restmapper.DeferredDiscoveryRESTMapper
}

func (cluster *cluster) reachable() bool { return cluster.reason == "" }

func (cluster *cluster) unreachable() error {
	return fmt.Errorf("configured Kubernetes cluster is unreachable: %s", cluster.reason)
}

// reach loads the kubeconfig and asks the API server for what it serves. What goes wrong is kept as the reason:
// previews and Helm's charts work without a cluster.
func reach(settings settings) *cluster {
	loader, err := clientConfig(settings)
	if err != nil {
		return &cluster{namespace: settings.namespace, reason: fmt.Sprintf("failed to parse kubeconfig: %v", err)}
	}

	result := &cluster{namespace: settings.namespace}
	if namespace, _, err := loader.Namespace(); err == nil {
		result.namespace = namespace
	}

	config, err := loader.ClientConfig()
	if err != nil {
		result.reason = fmt.Sprintf("unable to load Kubernetes client configuration from kubeconfig: %v", err)

		return result
	}

	config.Burst, config.QPS = settings.client.Burst, settings.client.QPS
	config.Timeout = time.Duration(settings.client.Timeout) * time.Second
	config.UserAgent = "pulumi-resource-kubernetes/" + Version
	config.WarningHandler = rest.NoWarnings{}
	result.config = config

	if err := result.connect(); err != nil {
		result.reason = fmt.Sprintf("unable to load schema information from the API server: %v", err)
	}

	return result
}

func clientConfig(settings settings) (clientcmd.ClientConfig, error) {
	overrides := &clientcmd.ConfigOverrides{
		CurrentContext: settings.context,
		Context:        clientcmdapi.Context{Cluster: settings.cluster, Namespace: settings.namespace},
	}
	if settings.kubeconfig == "" {
		rules := clientcmd.NewDefaultClientConfigLoadingRules()

		return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
	}

	config, err := loadKubeconfig(settings.kubeconfig)
	if err != nil {
		return nil, err
	}

	return clientcmd.NewDefaultClientConfig(*config, overrides), nil
}

func (cluster *cluster) connect() error {
	client, err := discovery.NewDiscoveryClientForConfig(cluster.config)
	if err != nil {
		return err
	}

	if _, err := client.ServerGroups(); err != nil {
		return err
	}

	if cluster.objects, err = dynamic.NewForConfig(cluster.config); err != nil {
		return err
	}

	cluster.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client))

	return nil
}

// serves says whether the API server knows a kind, as far as discovery has seen.
func (cluster *cluster) serves(kind schema.GroupVersionKind) bool {
	if !cluster.reachable() {
		return false
	}

	_, err := cluster.mapper.RESTMapping(kind.GroupKind(), kind.Version)

	return err == nil
}

// client is the way to objects of the given one's kind, in its namespace. A kind that is not known is looked up anew:
// its definition may have been created since.
func (cluster *cluster) client(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()

	mapping, err := cluster.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		cluster.mapper.Reset()
		mapping, err = cluster.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	}

	if err != nil {
		return nil, err
	}

	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return cluster.objects.Resource(mapping.Resource), nil
	}

	return cluster.objects.Resource(mapping.Resource).Namespace(namespaceOrDefault(object.GetNamespace())), nil
}

func namespaceOrDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}

	return namespace
}
