package resources

import (
	"fmt"
	"strings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/extensions"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// Extensions are a system's extensions, and behind them the virtual one that names the image's schematic; there is none
// without a schematic.
func Extensions(schematic string, installed []extensions.Metadata) []resource.Resource {
	if schematic == "" {
		return nil
	}

	installed = append(installed[:len(installed):len(installed)], extensions.Metadata{
		Name: "schematic", Version: schematic, Author: "Image Factory", Description: "Virtual extension which specifies the schematic of the image",
	})

	var all []resource.Resource

	for i, metadata := range installed {
		layer := fmt.Sprintf("%03d.ghcr.io-siderolabs-%s-%s", i, metadata.Name, metadata.Version)
		if metadata.Name == "schematic" {
			layer = strings.TrimSuffix(layer, "-"+schematic)
		}

		status := runtime.NewExtensionStatus(runtime.NamespaceName, layer)
		status.TypedSpec().Image = layer + ".sqsh"
		status.TypedSpec().Metadata = metadata
		all = append(all, status)
	}

	return all
}
