package talosprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

type versionsArguments struct {
	Filters struct {
		StableVersionsOnly bool `json:"stableVersionsOnly"`
	} `json:"filters"`
}

type versionsResult struct {
	ID            string   `json:"id"`
	TalosVersions []string `json:"talosVersions"`
}

// versions is talos:imageFactory/getVersions:getVersions.
func (f *factory) versions(ctx context.Context, arguments versionsArguments) (versionsResult, error) {
	result := versionsResult{ID: "talos_versions"}

	if err := f.get(ctx, &result.TalosVersions, "versions"); err != nil {
		return result, err
	}

	for _, version := range result.TalosVersions {
		if !semver.IsValid(withV(version)) {
			return result, fmt.Errorf("the Image Factory at %s lists %q, which is no version", f.url, version)
		}
	}

	if arguments.Filters.StableVersionsOnly {
		result.TalosVersions = slices.DeleteFunc(result.TalosVersions, func(version string) bool {
			return semver.Prerelease(withV(version)) != ""
		})
	}

	return result, nil
}

type names struct {
	Names []string `json:"names"`
}

type extensionsArguments struct {
	TalosVersion string `json:"talosVersion"`
	Filters      names  `json:"filters"`
	ExactFilters names  `json:"exactFilters"`
}

// extensionsResult holds no arguments: the official plugin does not give them back here.
type extensionsResult struct {
	ID              string      `json:"id"`
	ExtensionsInfos []extension `json:"extensionsInfos"`
}

type extension struct {
	Name        string `json:"name"`
	Ref         string `json:"ref"`
	Digest      string `json:"digest"`
	Author      string `json:"author"`
	Description string `json:"description"`
}

// extensionsVersions is talos:imageFactory/getExtensionsVersions:getExtensionsVersions. An extension is kept if either filter
// lets it through; the plain one looks for a part of the name.
func (f *factory) extensionsVersions(ctx context.Context, arguments extensionsArguments) (extensionsResult, error) {
	result := extensionsResult{ID: "extensions_info"}

	err := f.get(ctx, &result.ExtensionsInfos, "version", arguments.TalosVersion, "extensions", "official")

	parts, exact := arguments.Filters.Names, arguments.ExactFilters.Names
	if len(parts)+len(exact) > 0 {
		result.ExtensionsInfos = slices.DeleteFunc(result.ExtensionsInfos, func(offered extension) bool {
			return !slices.Contains(exact, offered.Name) && !slices.ContainsFunc(parts, func(part string) bool {
				return strings.Contains(offered.Name, part)
			})
		})
	}

	return result, err
}

type overlaysArguments struct {
	TalosVersion string `json:"talosVersion"`
	Filters      struct {
		Name string `json:"name"`
	} `json:"filters"`
}

// overlaysResult holds no arguments, as with extensions.
type overlaysResult struct {
	ID            string    `json:"id"`
	OverlaysInfos []overlay `json:"overlaysInfos"`
}

type overlay struct {
	Name   string `json:"name"`
	Image  string `json:"image"`
	Ref    string `json:"ref"`
	Digest string `json:"digest"`
}

// overlaysVersions is talos:imageFactory/getOverlaysVersions:getOverlaysVersions.
func (f *factory) overlaysVersions(ctx context.Context, arguments overlaysArguments) (overlaysResult, error) {
	result := overlaysResult{ID: "overlays_info"}

	err := f.get(ctx, &result.OverlaysInfos, "version", arguments.TalosVersion, "overlays", "official")

	result.OverlaysInfos = slices.DeleteFunc(result.OverlaysInfos, func(offered overlay) bool {
		return !strings.Contains(offered.Name, arguments.Filters.Name)
	})

	return result, err
}
