package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// applyManifests creates what is missing of the bootstrap manifests, and tries again until all are there. What exists is left
// as it is, as Talos does.
func (n *node) applyManifests(ctx context.Context) {
	output := n.Output("manifests")

	for wait := firstBackoff; ; wait = min(2*wait, longestBackoff) {
		err := n.applyOnce(ctx, output)
		if err == nil || ctx.Err() != nil {
			return
		}

		fmt.Fprintf(output, "bootstrap manifests: %s; trying again in %s\n", err, wait)

		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (n *node) applyOnce(ctx context.Context, output io.Writer) error {
	cfg := n.config()
	for _, url := range slices.Concat(cfg.Cluster().ExtraManifestURLs(), cfg.Cluster().Network().CNI().URLs()) {
		fmt.Fprintf(output, "manifest %s is not applied: a lab's node reaches no network outside this machine\n", url)
	}

	manifests, err := Manifests(cfg)
	if err != nil {
		return err
	}

	access, err := AdminRESTConfig(cfg, n.apiServerURL())
	if err != nil {
		return err
	}

	client, err := dynamic.NewForConfig(access)
	if err != nil {
		return err
	}

	discoverer, err := discovery.NewDiscoveryClientForConfig(access)
	if err != nil {
		return err
	}

	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discoverer))

	var failures []error

	for _, manifest := range manifests {
		for _, item := range manifest.Objects {
			if err := create(ctx, client, mapper, item); err != nil {
				failures = append(failures, fmt.Errorf("%s %s/%s: %w", manifest.ID, item.GetKind(), item.GetName(), err))
			}
		}
	}

	return errors.Join(failures...)
}

func create(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, item *unstructured.Unstructured) error {
	kind := item.GroupVersionKind()

	mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return err
	}

	var resource dynamic.ResourceInterface = client.Resource(mapping.Resource)

	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		namespace := item.GetNamespace()
		if namespace == "" {
			namespace = metav1.NamespaceDefault
		}

		resource = client.Resource(mapping.Resource).Namespace(namespace)
	}

	_, err = resource.Create(ctx, item, metav1.CreateOptions{FieldManager: "talos"})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}

	return err
}
