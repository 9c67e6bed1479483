// Package chartrepo is the lab's Helm chart repository: index.yaml and archives over HTTP.
package chartrepo

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"
)

// Ref names one chart at one version.
type Ref struct{ Name, Version string }

// Archive is a chart as a repository has it.
type Archive struct {
	Metadata *chart.Metadata
	Content  []byte
}

// File is the archive's name in the repository.
func (a *Archive) File() string {
	return fmt.Sprintf("%s-%s.tgz", a.Metadata.Name, a.Metadata.Version)
}

// Digest is the SHA-256 of the archive, as an index gives it.
func (a *Archive) Digest() string {
	sum := sha256.Sum256(a.Content)

	return hex.EncodeToString(sum[:])
}

// Pack makes the archive of a chart's source under a version. The same source gives the same bytes, hence the same digest, whenever it is packed.
func Pack(source, version string) (*Archive, error) {
	loaded, err := loader.LoadDir(source)
	if err != nil {
		return nil, fmt.Errorf("the chart in %s: %w", source, err)
	}

	metadata := loaded.Metadata
	metadata.Version = version

	if metadata.AppVersion == "" {
		metadata.AppVersion = version
	}

	if err := metadata.Validate(); err != nil {
		return nil, fmt.Errorf("the chart in %s as version %q: %w", source, version, err)
	}

	description, err := yaml.Marshal(metadata)
	if err != nil {
		return nil, err
	}

	files := []*chart.File{{Name: "Chart.yaml", Data: description}}
	for _, file := range loaded.Raw {
		if file.Name != "Chart.yaml" {
			files = append(files, file)
		}
	}

	content, err := compress(metadata.Name, files)

	return &Archive{Metadata: metadata, Content: content}, err
}

func compress(folder string, files []*chart.File) ([]byte, error) {
	var out bytes.Buffer

	compressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(compressed)

	for _, file := range files {
		header := &tar.Header{Name: folder + "/" + file.Name, Mode: 0o644, Size: int64(len(file.Data)), Typeflag: tar.TypeReg}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}

		if _, err := archive.Write(file.Data); err != nil {
			return nil, err
		}
	}

	if err := archive.Close(); err != nil {
		return nil, err
	}

	err := compressed.Close()

	return out.Bytes(), err
}

// Archives reads the chart archives in a folder.
func Archives(folder string) ([]*Archive, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("the folder of --charts: %w", err)
	}

	paths, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil {
		return nil, err
	}

	archives := make([]*Archive, 0, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}

		loaded, err := loader.LoadArchive(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}

		archives = append(archives, &Archive{Metadata: loaded.Metadata, Content: content})
	}

	return archives, nil
}
