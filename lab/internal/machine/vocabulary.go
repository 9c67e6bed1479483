package machine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// newKinds are the config documents that came with a version of Talos, of those that this lab's machinery (1.13) knows.
// Source: what Talos 1.12.11 and 1.13.9 register, and their JSON schemas, compared; as in cluster/talos-since.json.
var newKinds = map[string]string{
	"BlackholeRouteConfig":    "v1.13",
	"EnvironmentConfig":       "v1.13",
	"ExternalVolumeConfig":    "v1.13",
	"ImageVerificationConfig": "v1.13",
	"KubeSpanConfig":          "v1.13",
	"RoutingRuleConfig":       "v1.13",
	"TCPProbeConfig":          "v1.13",
	"VRFConfig":               "v1.13",
}

// newFields are the fields that came with a version, by the kind of their document. Source: as above.
var newFields = []struct{ kind, path, since string }{
	{"v1alpha1", "cluster.network.cni.flannel.kubeNetworkPoliciesEnabled", "v1.13"},
	{"ExistingVolumeConfig", "mount.disableAccessTime", "v1.13"},
	{"ExistingVolumeConfig", "mount.secure", "v1.13"},
	{"UserVolumeConfig", "mount", "v1.13"},
	{"VolumeConfig", "mount", "v1.13"},
}

// checkVocabulary refuses what the running Talos does not know yet, in the words of its config loader.
func (r release) checkVocabulary(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))

	for {
		var document yaml.Node

		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil || len(document.Content) == 0 {
			return nil // the loader says what is wrong with it
		}

		if err := r.checkDocument(document.Content[0]); err != nil {
			return err
		}
	}
}

func (r release) checkDocument(document *yaml.Node) error {
	var head struct {
		Kind       string `yaml:"kind"`
		APIVersion string `yaml:"apiVersion"`
		Name       string `yaml:"name"`
	}

	if err := document.Decode(&head); err != nil {
		return nil // as above
	}

	kind := cmp.Or(head.Kind, "v1alpha1")
	where := fmt.Sprintf("error decoding document %s/%s/%s (line %d)", head.APIVersion, kind, head.Name, document.Line)

	if since, ok := newKinds[kind]; ok && !r.since(since) {
		return fmt.Errorf("%s: %q %q: not registered", where, kind, head.APIVersion)
	}

	for _, field := range newFields {
		if field.kind != kind || r.since(field.since) {
			continue
		}

		if value := find(document, strings.Split(field.path, ".")); value != nil {
			text, err := unknownKey(field.path, value)
			if err != nil {
				return err
			}

			return fmt.Errorf("%s: unknown keys found during decoding:\n%s", where, text)
		}
	}

	return nil
}

// find is the value at a path of keys; nil where there is none.
func find(node *yaml.Node, path []string) *yaml.Node {
	if len(path) == 0 {
		return node
	}

	if node.Kind != yaml.MappingNode {
		return nil
	}

	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == path[0] {
			return find(node.Content[i+1], path[1:])
		}
	}

	return nil
}

// unknownKey prints one key with its value and the keys around it, as Talos does.
func unknownKey(path string, value *yaml.Node) (string, error) {
	tree := value

	for _, key := range slices.Backward(strings.Split(path, ".")) {
		tree = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key}, tree}}
	}

	text, err := yaml.Marshal(tree)

	return string(text), err
}
