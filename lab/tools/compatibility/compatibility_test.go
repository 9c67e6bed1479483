// A module of its own, since it needs a Talos machinery that is newer than the lab's: it compares the same table with the next Talos.
package compatibility

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/compatibility"
	"github.com/stretchr/testify/require"
)

// newestKubernetes is a minor that no Talos supports yet.
const newestKubernetes = 60

// table is cluster/compatibility.json.
type table struct {
	Kubernetes map[string]struct{ From, To int }
}

// Every Talos minor that the table names is one that this machinery knows, and the other way round.
func TestTheTableSaysWhatTheNextTalosSays(t *testing.T) {
	text, err := os.ReadFile("../../../cluster/compatibility.json")
	require.NoError(t, err)

	var declared table
	require.NoError(t, json.Unmarshal(text, &declared))

	var known []string

	for minor := 8; talosKnows(t, minor); minor++ {
		known = append(known, fmt.Sprintf("1.%d", minor))

		for kubernetes := range newestKubernetes {
			supported := declared.Kubernetes[fmt.Sprintf("1.%d", minor)]
			require.Equal(t, supports(t, minor, kubernetes), kubernetes >= supported.From && kubernetes <= supported.To,
				"Talos 1.%d with Kubernetes 1.%d", minor, kubernetes)
		}
	}

	require.ElementsMatch(t, known, slices.Collect(maps.Keys(declared.Kubernetes)))
}

// talosKnows says whether any Kubernetes is supported by a Talos minor.
func talosKnows(t *testing.T, talos int) bool {
	for kubernetes := range newestKubernetes {
		if supports(t, talos, kubernetes) {
			return true
		}
	}

	return false
}

func supports(t *testing.T, talos, kubernetes int) bool {
	on, err := compatibility.ParseTalosVersion(&machine.VersionInfo{Tag: fmt.Sprintf("v1.%d.0", talos)})
	require.NoError(t, err)

	version, err := compatibility.ParseKubernetesVersion(fmt.Sprintf("1.%d.3", kubernetes))
	require.NoError(t, err)

	return version.SupportedWith(on) == nil
}
