// Package stackfile derives the lab's stack file from the repository's: what is declared stays, what has an address moves to this machine.
package stackfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// namespace of the stack's configuration keys: the project's name.
const namespace = "phoebe:"

// File is the text of a stack file, kept as YAML nodes so that everything that nobody asked to change stays as it is, comments too.
type File struct {
	path     string
	document yaml.Node
}

// Read reads a stack file.
func Read(path string) (*File, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: --stack names a stack by its Pulumi.<stack>.yaml", path)
	}

	if err != nil {
		return nil, err
	}

	file := &File{path: path}
	if err := yaml.Unmarshal(content, &file.document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}

	if file.config() == nil {
		return nil, fmt.Errorf("%s has no mapping `config:`", path)
	}

	return file, nil
}

// config is the mapping of the configuration keys.
func (f *File) config() *yaml.Node {
	if len(f.document.Content) == 0 {
		return nil
	}

	if config := lookup(f.document.Content[0], "config"); config != nil && config.Kind == yaml.MappingNode {
		return config
	}

	return nil
}

// Bytes is the file's text.
func (f *File) Bytes() ([]byte, error) {
	var out bytes.Buffer

	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err := encoder.Encode(&f.document)

	return out.Bytes(), errors.Join(err, encoder.Close())
}

// Set gives a key a value of any type, written as YAML or JSON; a key without a namespace is the project's.
func (f *File) Set(key, value string) error {
	var parsed yaml.Node
	if err := yaml.Unmarshal([]byte(value), &parsed); err != nil {
		return fmt.Errorf("--set %s=%s: the value is not YAML: %w", key, value, err)
	}

	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"} // what `--set key=` means
	if len(parsed.Content) == 1 && parsed.Content[0].Tag != "!!null" {
		node = parsed.Content[0]
	}

	if !strings.Contains(key, ":") {
		key = namespace + key
	}

	assign(f.config(), key, node)

	return nil
}

// get is the value of one of the project's keys, nil where it is not set.
func (f *File) get(key string) *yaml.Node { return lookup(f.config(), namespace+key) }

// text is a key's scalar value, "" where it is not set.
func (f *File) text(key string) string {
	return scalar(f.config(), namespace+key)
}

// secrets lists the keys whose values are encrypted for the owner, who alone can read them.
func (f *File) secrets() []string {
	var keys []string

	for i := 0; i+1 < len(f.config().Content); i += 2 {
		if value := f.config().Content[i+1]; lookup(value, "secure") != nil {
			keys = append(keys, f.config().Content[i].Value)
		}
	}

	return keys
}

// forgetOwner drops what ties the file to the owner's own encryption of secrets.
func (f *File) forgetOwner() {
	top := f.document.Content[0]
	for i := 0; i+1 < len(top.Content); {
		if slices.Contains([]string{"encryptionsalt", "encryptedkey", "secretsprovider"}, top.Content[i].Value) {
			top.Content = slices.Delete(top.Content, i, i+2)
		} else {
			i += 2
		}
	}
}

func lookup(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}

	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}

	return nil
}

func scalar(mapping *yaml.Node, key string) string {
	if node := lookup(mapping, key); node != nil && node.Kind == yaml.ScalarNode {
		return node.Value
	}

	return ""
}

func assign(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value

			return
		}
	}

	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}
