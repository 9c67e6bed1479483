package release

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/downloader"
	helmgetter "helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/registry"
	"helm.sh/helm/v3/pkg/repo"
)

// pull brings the chart here: a folder or an archive as it lies there, everything else always anew. The second result
// is the path it was loaded from.
func (releases *Releases) pull(release *args) (*chart.Chart, string, error) {
	client, err := releases.registry(release.RepositoryOpts)
	if err != nil {
		return nil, "", err
	}

	path, err := releases.locate(release, client)
	if err != nil {
		return nil, "", err
	}

	loaded, err := loader.Load(path)
	if err != nil {
		return nil, "", err
	}

	if missing := action.CheckDependencies(loaded, loaded.Metadata.Dependencies); missing != nil {
		if !release.DependencyUpdate {
			return nil, "", missing
		}

		if err := releases.updateDependencies(path, release.Keyring, client); err != nil {
			return nil, "", err
		}

		if loaded, err = loader.Load(path); err != nil {
			return nil, "", err
		}
	}

	return loaded, path, nil
}

// locate finds the chart. With a repository given, a folder that happens to have the chart's name is not looked at.
func (releases *Releases) locate(release *args, client *registry.Client) (string, error) {
	install := action.NewInstall(&action.Configuration{RegistryClient: client})
	options := &install.ChartPathOptions

	options.Keyring, options.Verify, options.Version = release.Keyring, release.Verify, strings.TrimSpace(release.Version)
	if options.Version == "" && release.Devel {
		options.Version = ">0.0.0-0"
	}

	name := strings.TrimSpace(release.Chart)
	if repository := release.RepositoryOpts; repository != nil {
		options.CaFile, options.CertFile, options.KeyFile = repository.CAFile, repository.CertFile, repository.KeyFile
		options.Username, options.Password = repository.Username, repository.Password

		var err error
		if name, err = releases.resolve(name, repository, options); err != nil {
			return "", err
		}
	}

	return options.LocateChart(name, releases.Settings.environment())
}

// resolve turns a chart of a repository into its address. Credentials go to the repository's own host only.
func (releases *Releases) resolve(name string, repository *repositoryOpts, options *action.ChartPathOptions) (string, error) {
	if registry.IsOCI(name) || repository.Repo == "" {
		return name, nil
	}

	base, err := url.ParseRequestURI(repository.Repo)
	if err != nil { // the name of a repository in Helm's own list
		if strings.Contains(name, "/") {
			return name, nil
		}

		return repository.Repo + "/" + name, nil
	}

	found, err := repo.FindChartInAuthAndTLSAndPassRepoURL(repository.Repo, repository.Username, repository.Password,
		name, options.Version, repository.CertFile, repository.KeyFile, repository.CAFile, false, false,
		helmgetter.All(releases.Settings.environment()))
	if err != nil {
		return "", err
	}

	address, err := url.Parse(found)
	if err != nil {
		return "", fmt.Errorf("the repository %s names the address %q for chart %q: %w", repository.Repo, found, name, err)
	}

	if address.Scheme != base.Scheme || address.Host != base.Host {
		options.Username, options.Password = "", ""
	}

	return found, nil
}

func (releases *Releases) updateDependencies(path, keyring string, client *registry.Client) error {
	environment := releases.Settings.environment()
	manager := &downloader.Manager{
		Out:              io.Discard,
		ChartPath:        path,
		Keyring:          keyring,
		Getters:          helmgetter.All(environment),
		RepositoryConfig: environment.RepositoryConfig,
		RepositoryCache:  environment.RepositoryCache,
		RegistryClient:   client,
	}

	return manager.Update()
}

// installable refuses library charts.
func installable(loaded *chart.Chart) error {
	switch loaded.Metadata.Type {
	case "", "application":
		return nil
	}

	return fmt.Errorf("%s charts are not installable", loaded.Metadata.Type)
}
