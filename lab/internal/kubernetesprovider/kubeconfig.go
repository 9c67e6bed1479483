package kubernetesprovider

import (
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// loadKubeconfig reads a kubeconfig given as its contents or as the path of its file.
func loadKubeconfig(contentsOrPath string) (*clientcmdapi.Config, error) {
	path := contentsOrPath
	if rest, home := strings.CutPrefix(path, "~/"); home {
		directory, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}

		path = filepath.Join(directory, rest)
	}

	if _, err := os.Stat(path); err == nil {
		contents, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}

		return clientcmd.Load(contents)
	}

	return clientcmd.Load([]byte(contentsOrPath))
}

// activeCluster is the cluster entry that a kubeconfig leads to, or nil.
func activeCluster(config *clientcmdapi.Config, context, cluster string) *clientcmdapi.Cluster {
	if context == "" {
		context = config.CurrentContext
	}

	entry, ok := config.Contexts[context]
	if !ok {
		return nil
	}

	if cluster == "" {
		cluster = entry.Cluster
	}

	return config.Clusters[cluster]
}
