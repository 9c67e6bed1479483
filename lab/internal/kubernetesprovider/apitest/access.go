package apitest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	certutil "k8s.io/client-go/util/cert"
)

const patience = 90 * time.Second

type files struct{ certificate, key, tokens string }

// write makes the server's certificate and the administrator's token.
func (cluster *Cluster) write(address string) (files, error) {
	certificate, key, err := certutil.GenerateSelfSignedCertKey(address, []net.IP{net.ParseIP(address)}, nil)
	if err != nil {
		return files{}, err
	}

	cluster.CA = certificate
	at := func(name string) string { return filepath.Join(cluster.directory, name) }

	result := files{certificate: at("server.crt"), key: at("server.key"), tokens: at("tokens.csv")}
	for path, contents := range map[string][]byte{
		result.certificate: certificate,
		result.key:         key,
		result.tokens:      []byte(cluster.Token + `,administrator,1,"system:masters"` + "\n"),
	} {
		if err := os.WriteFile(path, contents, 0o600); err != nil {
			return files{}, err
		}
	}

	cluster.Kubeconfig, err = cluster.KubeconfigFor(cluster.Token)

	return result, err
}

// KubeconfigFor is a kubeconfig with another token, which may be a wrong one.
func (cluster *Cluster) KubeconfigFor(token string) (string, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters["test"] = &clientcmdapi.Cluster{Server: cluster.Server, CertificateAuthorityData: cluster.CA}
	config.AuthInfos["administrator"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["administrator@test"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "administrator"}
	config.CurrentContext = "administrator@test"
	contents, err := clientcmd.Write(*config)

	return string(contents), err
}

// Config is the administrator's connection.
func (cluster *Cluster) Config() *rest.Config {
	return &rest.Config{
		Host: cluster.Server, BearerToken: cluster.Token, TLSClientConfig: rest.TLSClientConfig{CAData: cluster.CA},
		QPS: 200, Burst: 400, WarningHandler: rest.NoWarnings{},
	}
}

// Objects is the administrator's client for all kinds.
func (cluster *Cluster) Objects() dynamic.Interface {
	return dynamic.NewForConfigOrDie(cluster.Config())
}

// await blocks until the API server is ready, which includes the built-in roles and namespaces.
func (cluster *Cluster) await(server *process) error {
	client, err := rest.UnversionedRESTClientFor(withoutVersion(cluster.Config()))
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	err = wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		select {
		case <-server.ended:
			return false, fmt.Errorf("kube-apiserver ended: %s", server.lastWords())
		default:
		}

		return client.Get().AbsPath("/readyz").Do(ctx).Error() == nil, nil
	})
	if ctx.Err() != nil {
		return fmt.Errorf("kube-apiserver was not ready after %s: %s", patience, server.lastWords())
	}

	return err
}

func withoutVersion(config *rest.Config) *rest.Config {
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()

	return config
}
