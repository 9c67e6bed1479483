package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is what matters here of a package.json.
type manifest struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Dependencies map[string]string `json:"dependencies"`
	Pulumi       struct {
		Resource bool   `json:"resource"`
		Name     string `json:"name"`
		Version  string `json:"version"`
		Server   string `json:"server"`
	} `json:"pulumi"`
}

// requiredPackages names the plugins of a program's direct dependencies, as their package.json says.
func requiredPackages(directory string) ([]*pulumirpc.PackageDependency, error) {
	program, err := readManifest(directory)
	if err != nil {
		return nil, err
	}

	var packages []*pulumirpc.PackageDependency

	for _, name := range slices.Sorted(maps.Keys(program.Dependencies)) {
		dependency, err := readManifest(filepath.Join(directory, "node_modules", name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not installed in %s: run npm ci there", name, directory)
		} else if err != nil {
			return nil, err
		}

		if !dependency.Pulumi.Resource {
			continue
		}

		required := &pulumirpc.PackageDependency{
			Kind:    "resource",
			Name:    dependency.Pulumi.Name,
			Version: dependency.Pulumi.Version,
			Server:  dependency.Pulumi.Server,
		}

		if required.Name == "" {
			required.Name = strings.TrimPrefix(dependency.Name, "@pulumi/")
		}

		if required.Version == "" {
			required.Version = dependency.Version
		}

		required.Version = "v" + strings.TrimPrefix(required.Version, "v")
		packages = append(packages, required)
	}

	return packages, nil
}

func readManifest(directory string) (manifest, error) {
	var parsed manifest

	path := filepath.Join(directory, "package.json")

	text, err := os.ReadFile(path)
	if err != nil {
		return parsed, err
	}

	if err = json.Unmarshal(text, &parsed); err != nil {
		return parsed, fmt.Errorf("%s: %w", path, err)
	}

	return parsed, nil
}
