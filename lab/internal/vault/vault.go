// Package vault makes the file of values that stands in the place of 1Password: one for each op:// reference of a stack.
package vault

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"gopkg.in/yaml.v3"

	"phoebe.dev/lab/internal/folder"
)

// Stack is where a stack has its references.
type Stack struct {
	Template string   // the secrets file, "" where the stack has none
	Contract string   // the Talos version that the cluster was born with
	Folders  []string // whose YAML files may have others
}

// Fill adds a value for each reference that has none. Those that are there stay: a cluster runs with them.
func Fill(path string, stack Stack) error {
	values, err := read(path)
	if err != nil {
		return err
	}

	known := len(values)
	if stack.Template != "" {
		err = fillBundle(values, stack)
	}

	for _, directory := range stack.Folders {
		err = errors.Join(err, fillOthers(values, directory))
	}

	if err != nil || len(values) == known {
		return err
	}

	content, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return err
	}

	return folder.WriteFile(path, content)
}

func read(path string) (map[string]string, error) {
	values := map[string]string{}

	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return values, nil
	}

	if err == nil {
		err = json.Unmarshal(content, &values)
	}

	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w: remove the lab with `npm run lab -- reset`", path, err)
	}

	return values, nil
}

// fillBundle gives the references of a template the values of a new bundle, each by its key.
func fillBundle(values map[string]string, stack Stack) error {
	contract, err := config.ParseContractFromVersion(stack.Contract)
	if err != nil {
		return fmt.Errorf("talosContract %q: %w", stack.Contract, err)
	}

	bundle, err := secrets.NewBundle(secrets.NewFixedClock(time.Now()), contract)
	if err != nil {
		return err
	}

	text, err := yaml.Marshal(bundle)
	if err != nil {
		return err
	}

	var made yaml.Node
	if err := yaml.Unmarshal(text, &made); err != nil {
		return err
	}

	return documents(stack.Template, func(template *yaml.Node) {
		if reference(template) {
			add(values, template.Value, string(text))

			return
		}

		pair(template, made.Content[0], func(reference, value string) { add(values, reference, value) })
	})
}

// pair goes through two mappings side by side.
func pair(template, made *yaml.Node, found func(reference, value string)) {
	if template.Kind != yaml.MappingNode || made.Kind != yaml.MappingNode {
		return
	}

	for i := 0; i+1 < len(template.Content); i += 2 {
		for j := 0; j+1 < len(made.Content); j += 2 {
			if template.Content[i].Value != made.Content[j].Value {
				continue
			}

			if value := template.Content[i+1]; reference(value) {
				found(value.Value, made.Content[j+1].Value)
			} else {
				pair(value, made.Content[j+1], found)
			}
		}
	}
}

// fillOthers gives each reference in a folder's YAML files 32 random bytes in base64: a password, and a WireGuard key too.
func fillOthers(values map[string]string, directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the program says so, and better
		}

		if extension := filepath.Ext(path); err != nil || entry.IsDir() || extension != ".yaml" && extension != ".yml" {
			return err
		}

		return documents(path, func(document *yaml.Node) {
			walk(document, func(reference string) {
				random := make([]byte, 32)
				_, _ = rand.Read(random) // never fails
				add(values, reference, base64.StdEncoding.EncodeToString(random))
			})
		})
	})
}

func walk(node *yaml.Node, found func(reference string)) {
	if reference(node) {
		found(node.Value)
	}

	for _, inner := range node.Content {
		walk(inner, found)
	}
}

// documents calls for each document of a file. What is not YAML ends the file: the program says what is wrong with it.
func documents(path string, each func(*yaml.Node)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}

	if err != nil {
		return err
	}

	defer file.Close()

	decoder := yaml.NewDecoder(file)

	for {
		var document yaml.Node
		if err := decoder.Decode(&document); err != nil || len(document.Content) == 0 {
			return nil
		}

		each(document.Content[0])
	}
}

func reference(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && strings.HasPrefix(strings.TrimSpace(node.Value), "op://")
}

func add(values map[string]string, reference, value string) {
	reference = strings.TrimSpace(reference)
	if _, known := values[reference]; !known {
		values[reference] = value
	}
}
