package chartrepo

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/repo"
	"sigs.k8s.io/yaml"
)

// Repository is what is served at this moment: what the stacks declare, packed from the lab's own sources, or a folder of archives as it is.
type Repository struct {
	Sources  string                                              // folder with a folder for each chart
	Declared func() (declared []Ref, archives string, err error) // archives: the folder that is served instead, "" for none
}

// Contents are all charts of the repository. It has no chart that nobody declares, so that a typing error is found as it would be elsewhere.
func (r *Repository) Contents() ([]*Archive, error) {
	declared, folder, err := r.Declared()
	if err != nil {
		return nil, err
	}

	if folder != "" {
		return Archives(folder)
	}

	var contents []*Archive

	for _, ref := range declared {
		source := filepath.Join(r.Sources, ref.Name)
		if _, err := os.Stat(filepath.Join(source, "Chart.yaml")); err != nil {
			continue // Missing tells
		}

		packed, err := Pack(source, ref.Version)
		if err != nil {
			return nil, err
		}

		contents = append(contents, packed)
	}

	return contents, nil
}

// Missing are those of the charts that the repository does not have.
func (r *Repository) Missing(refs []Ref) ([]Ref, error) {
	contents, err := r.Contents()
	if err != nil {
		return nil, err
	}

	return slices.DeleteFunc(slices.Clone(refs), func(ref Ref) bool {
		return slices.ContainsFunc(contents, func(a *Archive) bool {
			return a.Metadata.Name == ref.Name && strings.TrimPrefix(a.Metadata.Version, "v") == strings.TrimPrefix(ref.Version, "v")
		})
	}), nil
}

// Handler serves the repository.
func (r *Repository) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /index.yaml", r.serve(func(w http.ResponseWriter, _ *http.Request, contents []*Archive) {
		text, err := index(contents)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)

			return
		}

		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(text)
	}))
	mux.HandleFunc("GET /{file}", r.serve(func(w http.ResponseWriter, request *http.Request, contents []*Archive) {
		for _, archive := range contents {
			if archive.File() == request.PathValue("file") {
				w.Header().Set("Content-Type", "application/gzip")
				_, _ = w.Write(archive.Content)

				return
			}
		}

		http.Error(w, fmt.Sprintf("the lab's chart repository has no %s", request.PathValue("file")), http.StatusNotFound)
	}))

	return mux
}

func (r *Repository) serve(with func(http.ResponseWriter, *http.Request, []*Archive)) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		contents, err := r.Contents()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)

			return
		}

		with(w, request, contents)
	}
}

// index is index.yaml. No time of day is in it: the same contents have the same index.
func index(contents []*Archive) ([]byte, error) {
	file := repo.NewIndexFile()
	for _, archive := range contents {
		if err := file.MustAdd(archive.Metadata, archive.File(), "", archive.Digest()); err != nil {
			return nil, err
		}
	}

	file.SortEntries()
	file.Generated = time.Time{}

	for _, versions := range file.Entries {
		for _, version := range versions {
			version.Created = time.Time{}
		}
	}

	return yaml.Marshal(file)
}
