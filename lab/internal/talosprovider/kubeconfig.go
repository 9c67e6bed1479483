package talosprovider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"k8s.io/client-go/tools/clientcmd"
)

// kubeconfig is talos:cluster/kubeconfig:Kubeconfig. It is fetched when it is created, and again by an update when its
// certificate comes near its end.
type kubeconfig struct{}

// kubeconfigState is its state, and the result of getKubeconfig but for the renewal.
type kubeconfigState struct {
	target

	ID                            string                         `json:"id"`
	CertificateRenewalDuration    string                         `json:"certificateRenewalDuration,omitempty"`
	KubeconfigRaw                 string                         `json:"kubeconfigRaw"`
	KubernetesClientConfiguration *kubernetesClientConfiguration `json:"kubernetesClientConfiguration"`
}

// kubernetesClientConfiguration is a kubeconfig taken apart, certificates and key as base64 of PEM.
type kubernetesClientConfiguration struct {
	Host string `json:"host"`
	ClientConfiguration
}

func (kubeconfig) check(inputs property.Map) []provider.CheckFailure {
	if renewal := inputs.Get("certificateRenewalDuration"); renewal.IsString() {
		if _, err := time.ParseDuration(renewal.AsString()); err != nil {
			return []provider.CheckFailure{{Property: "certificateRenewalDuration", Reason: err.Error()}}
		}
	}

	return nil
}

func (kubeconfig) plan(_ context.Context, inputs property.Map, prior *property.Map) (plan, error) {
	planned := orDefault(withEndpoint(inputs), "certificateRenewalDuration", property.New("720h"))

	for _, name := range []string{"id", "kubeconfigRaw", "kubernetesClientConfiguration"} {
		planned = planned.Set(name, unknown)
		if prior != nil {
			planned = planned.Set(name, prior.Get(name))
		}
	}

	if prior == nil || planned.Get("certificateRenewalDuration").IsComputed() {
		return plan{state: planned}, nil
	}

	expiring, err := kubeconfigExpires(planned)
	if expiring {
		planned = planned.Set("kubeconfigRaw", unknown).Set("kubernetesClientConfiguration", unknown)
	}

	return plan{state: planned}, err
}

func kubeconfigExpires(state property.Map) (bool, error) {
	renewal, err := timeoutOr(state.Get("certificateRenewalDuration").AsString(), 0)
	if err != nil {
		return false, err
	}

	certificate := state.Get("kubernetesClientConfiguration").AsMap().Get("clientCertificate").AsString()

	return expires(certificate, time.Now().Add(renewal))
}

func (kubeconfig) create(ctx context.Context, planned property.Map) (property.Map, error) {
	return fetched(ctx, planned, func(timeouts Timeouts) string { return timeouts.Create })
}

func (kubeconfig) update(ctx context.Context, _, planned property.Map) (property.Map, error) {
	if !planned.Get("kubeconfigRaw").IsComputed() {
		return planned, nil
	}

	return fetched(ctx, planned, func(timeouts Timeouts) string { return timeouts.Update })
}

func (kubeconfig) delete(context.Context, property.Map) error { return nil }

// fetched is the planned state with the kubeconfig that the node gives.
func fetched(ctx context.Context, planned property.Map, timeout func(Timeouts) string) (property.Map, error) {
	state, err := decode[kubeconfigState](known(planned))
	if err != nil {
		return property.Map{}, err
	}

	if err = state.fetch(ctx, timeout(state.Timeouts)); err != nil {
		return property.Map{}, err
	}

	parts, err := encode(state.KubernetesClientConfiguration)

	return planned.Set("id", property.New(state.ID)).
		Set("kubeconfigRaw", property.New(state.KubeconfigRaw)).
		Set("kubernetesClientConfiguration", property.New(parts)), err
}

// getKubeconfig is talos:cluster/getKubeconfig:getKubeconfig.
func getKubeconfig(ctx context.Context, state kubeconfigState) (kubeconfigState, error) {
	if state.Endpoint == "" {
		state.Endpoint = state.Node
	}

	err := state.fetch(ctx, state.Timeouts.Read)

	return state, err
}

// fetch asks the node and takes apart what it gives. The cluster's name becomes the ID.
func (s *kubeconfigState) fetch(ctx context.Context, timeout string) error {
	err := s.retry(ctx, timeout, func(ctx context.Context, c *client.Client) error {
		text, err := c.Kubeconfig(ctx)
		s.KubeconfigRaw = string(text)

		return err
	})
	if err != nil {
		return fmt.Errorf("fetching the kubeconfig: %w", err)
	}

	parsed, err := clientcmd.Load([]byte(s.KubeconfigRaw))
	if err != nil {
		return fmt.Errorf("the kubeconfig of node %s: %w", s.Node, err)
	}

	current := parsed.Contexts[parsed.CurrentContext]
	if current == nil || parsed.Clusters[current.Cluster] == nil || parsed.AuthInfos[current.AuthInfo] == nil {
		return errors.New("the kubeconfig of node " + s.Node + " has no complete current context")
	}

	cluster, user := parsed.Clusters[current.Cluster], parsed.AuthInfos[current.AuthInfo]

	s.ID = current.Cluster
	s.KubernetesClientConfiguration = &kubernetesClientConfiguration{
		Host: cluster.Server,
		ClientConfiguration: ClientConfiguration{
			CACertificate:     base64.StdEncoding.EncodeToString(cluster.CertificateAuthorityData),
			ClientCertificate: base64.StdEncoding.EncodeToString(user.ClientCertificateData),
			ClientKey:         base64.StdEncoding.EncodeToString(user.ClientKeyData),
		},
	}

	return nil
}
