package machine_test

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	talosconfig "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
)

// withoutHostnameDocument drops the generated document that lets Talos choose a hostname.
func withoutHostnameDocument(provider config.Provider) config.Provider {
	var kept []talosconfig.Document

	for _, document := range provider.Documents() {
		if document.Kind() != "HostnameConfig" {
			kept = append(kept, document)
		}
	}

	all, err := container.New(kept...)
	if err != nil {
		panic(err)
	}

	return all
}
