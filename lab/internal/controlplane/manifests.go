package controlplane

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"text/template"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

//go:embed manifests/*.yaml
var manifestFiles embed.FS

var manifestTemplates = template.Must(template.ParseFS(manifestFiles, "manifests/*.yaml"))

// Manifest is one of Talos's bootstrap manifests; ID is its name in Talos's resources.
type Manifest struct {
	ID      string
	Objects []*unstructured.Unstructured
}

// Manifests are what Talos applies to a new cluster by this machine config. Of flannel, kube-proxy and
// CoreDNS, where the config has them, they hold what records in the API can show: a workload with the right names, labels and image.
func Manifests(cfg config.Config) ([]Manifest, error) {
	cluster := cfg.Cluster()
	manifests := []Manifest{
		{ID: "00-kubelet-bootstrapping-token", Objects: []*unstructured.Unstructured{bootstrapToken(cluster.Token())}},
	}

	ids := []string{"01-node-bootstrap"}
	if cluster.Network().CNI().Name() == constants.FlannelCNI {
		ids = append(ids, "05-flannel")
	}

	if cluster.Proxy().Enabled() {
		ids = append(ids, "10-kube-proxy")
	}

	if cluster.CoreDNS().Enabled() {
		ids = append(ids, "11-core-dns")
	}

	values := map[string]string{
		"ProxyImage":   cluster.Proxy().Image(),
		"CoreDNSImage": cluster.CoreDNS().Image(),
		"FlannelImage": "ghcr.io/siderolabs/flannel:" + constants.FlannelVersion,
	}

	dns, err := cluster.Network().DNSServiceIPs()
	if err != nil {
		return nil, fmt.Errorf("cluster.network.serviceSubnets: %w", err)
	}

	if len(dns) > 0 {
		values["DNSServiceIP"] = dns[0].String()
	}

	for _, id := range append(ids, "11-talos-node-rbac-template") {
		var text bytes.Buffer
		if err := manifestTemplates.ExecuteTemplate(&text, id+".yaml", values); err != nil {
			return nil, err
		}

		objects, err := decode(&text)
		if err != nil {
			return nil, fmt.Errorf("bootstrap manifest %s: %w", id, err)
		}

		manifests = append(manifests, Manifest{ID: id, Objects: objects})
	}

	for _, inline := range cluster.InlineManifests() {
		objects, err := decode(bytes.NewBufferString(inline.Contents()))
		if err != nil {
			return nil, fmt.Errorf("cluster.inlineManifests %q: %w", inline.Name(), err)
		}

		manifests = append(manifests, Manifest{ID: "99-" + inline.Name(), Objects: objects})
	}

	return manifests, nil
}

// bootstrapToken lets the kubelets of the cluster ask for their first certificate.
func bootstrapToken(token config.Token) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: object{
		"apiVersion": "v1", "kind": "Secret",
		"metadata": object{"name": "bootstrap-token-" + token.ID(), "namespace": "kube-system"},
		"type":     "bootstrap.kubernetes.io/token",
		"stringData": object{
			"token-id":                       token.ID(),
			"token-secret":                   token.Secret(),
			"usage-bootstrap-authentication": "true",
			"auth-extra-groups":              "system:bootstrappers:nodes",
		},
	}}
}

func decode(text io.Reader) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured

	for decoder := utilyaml.NewYAMLOrJSONDecoder(text, 4096); ; {
		var document object

		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}

		if err != nil {
			return nil, err
		}

		if len(document) > 0 {
			objects = append(objects, &unstructured.Unstructured{Object: document})
		}
	}
}
