package release

import (
	"path/filepath"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/helmpath"
	"helm.sh/helm/v3/pkg/repo"
)

// origin guesses where the chart of an imported release came from, of which Helm keeps no record: a chart that lies in the
// program's folder, then one that a repository of Helm's own list has in its kept index, and otherwise its bare name.
func (releases *Releases) origin(chart *chart.Metadata) string {
	versioned := chart.Name + "-" + chart.Version
	for _, candidate := range []struct {
		path  string
		loads func(path string) error
	}{{versioned, isFolder}, {versioned + ".tgz", isArchive}, {chart.Name, isFolder}, {chart.Name + ".tgz", isArchive}} {
		if candidate.loads(candidate.path) == nil {
			return candidate.path
		}
	}

	environment := releases.Settings.environment()

	list, err := repo.LoadFile(environment.RepositoryConfig)
	if err != nil { // Helm keeps none
		return chart.Name
	}

	for _, entry := range list.Repositories {
		index, err := repo.LoadIndexFile(filepath.Join(environment.RepositoryCache, helmpath.CacheIndexFile(entry.Name)))
		if err != nil { // never fetched, or broken: the next may have it
			continue
		}

		if found, err := index.Get(chart.Name, chart.Version); err == nil {
			return entry.Name + "/" + found.Name
		}
	}

	return chart.Name
}

func isFolder(path string) error {
	_, err := loader.LoadDir(path)

	return err
}

func isArchive(path string) error {
	_, err := loader.LoadFile(path)

	return err
}
