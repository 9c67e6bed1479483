package factory

import (
	"slices"
	"strings"

	machinery "github.com/siderolabs/talos/pkg/machinery/extensions"
)

// Installed are the extensions in a schematic's image of a Talos version; none where the schematic was never submitted here.
func (f *Factory) Installed(id, talos string) []machinery.Metadata {
	schematic, err := f.Get(id)
	if err != nil {
		return nil
	}

	var installed []machinery.Metadata

	for _, extension := range officialExtensions(talos) {
		if !slices.Contains(schematic.Customization.SystemExtensions.Official, extension.Name) {
			continue
		}

		_, version, _ := strings.Cut(extension.Ref, ":")
		installed = append(installed, machinery.Metadata{
			Name: strings.TrimPrefix(extension.Name, "siderolabs/"), Version: version, Author: extension.Author, Description: extension.Description,
		})
	}

	return installed
}
