package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// compile turns the generated TypeScript into CommonJS and declarations with the TypeScript in root's node_modules, and
// gives the package.json that fits.
func compile(sources map[string][]byte, root string) (map[string][]byte, error) {
	work, err := os.MkdirTemp("", "generate-sdk-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work) // a leftover in the temporary folder changes no result

	manifest, err := packageManifest(sources["package.json"])
	if err != nil {
		return nil, err
	}

	modules := filepath.Join(root, "node_modules")
	if err = os.Symlink(modules, filepath.Join(work, "node_modules")); err != nil {
		return nil, err
	}

	for path, text := range sources {
		if err = write(filepath.Join(work, "source", path), text); err != nil {
			return nil, err
		}
	}

	output := filepath.Join(work, "output")
	entry := filepath.Join(work, "source", "index.ts")

	tsc := exec.Command(filepath.Join(modules, ".bin", "tsc"),
		"--outDir", output, "--rootDir", filepath.Dir(entry),
		"--module", "node20", "--target", "es2022", "--declaration", "--newLine", "lf", "--types", "node",
		"--skipLibCheck", entry)
	tsc.Dir = work
	tsc.Env = append(os.Environ(), "PATH="+filepath.Join(modules, ".bin")+":"+os.Getenv("PATH")) // the pinned Node

	if message, runErr := tsc.CombinedOutput(); runErr != nil {
		return nil, fmt.Errorf("the generated TypeScript does not compile: %w\n%s", runErr, message)
	}

	files, err := read(output)
	if err != nil {
		return nil, err
	}

	files["package.json"] = manifest

	return files, nil
}

// packageManifest is the generated package.json without what is for building and publishing.
func packageManifest(generated []byte) ([]byte, error) {
	manifest := struct {
		Name         string            `json:"name"`
		Version      string            `json:"version"`
		Private      bool              `json:"private"`
		Description  string            `json:"description"`
		License      string            `json:"license"`
		Main         string            `json:"main"`
		Types        string            `json:"types"`
		Dependencies map[string]string `json:"dependencies"`
		Pulumi       map[string]any    `json:"pulumi"`
	}{}

	if err := json.Unmarshal(generated, &manifest); err != nil {
		return nil, fmt.Errorf("generated package.json: %w", err)
	}

	manifest.Private = true
	manifest.Main, manifest.Types = "index.js", "index.d.ts"

	text := bytes.Buffer{}
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")

	err := encoder.Encode(manifest)

	return text.Bytes(), err
}

// read gives all files below a folder by their relative paths.
func read(folder string) (map[string][]byte, error) {
	files := map[string][]byte{}

	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}

		files[filepath.ToSlash(relative)], err = os.ReadFile(path)

		return err
	})

	return files, err
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}

	return os.WriteFile(path, text, 0o644)
}
