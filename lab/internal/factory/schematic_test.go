package factory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/factory"
)

// The IDs are those that Image Factory itself answers.
func TestIDs(t *testing.T) {
	const (
		empty   = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
		args    = "9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c"
		meta    = "d308a2a5ee2277bed5fbaa104fcbc8d59122abfa737df987a95b4ca763459a7f"
		overlay = "ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9"
		secure  = "fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6"
		sectors = "92833e9ddd9bb9e11b2464fa5525429f01866306d52ebd882ee08d7918f6d1ea"
	)
	for text, id := range map[string]string{
		`{}`:                                     empty,
		`customization: {}`:                      empty,
		`customization: {"extraKernelArgs": []}`: empty,
		`customization: {bootloader: none}`:      empty,
		`{"customization": {"extraKernelArgs": ["noapic", "nolapic"]}}`:                         args,
		`{"customization": {"extraKernelArgs": ["noapic", "nolapic"], "systemExtensions": {}}}`: args,
		`{"customization": {"meta": [{"key": 10, "value": "foo"}], "extraKernelArgs": []}}`:     meta,
		`{"customization": {"meta": [{"key": 0xa, "value": "foo"}]}}`:                           meta,
		`{"overlay": {"name": "rpi_generic", "image": "siderolabs/sbc-raspberrypi"}}`:           overlay,
		`{"customization":{"secureboot": {"includeWellKnownCertificates": true}}}`:              secure,
		`{"customization":{"diskImage": {"sectorSize": 4096}}}`:                                 sectors,
	} {
		schematic, err := factory.Parse([]byte(text))
		require.NoError(t, err, text)
		actual, err := schematic.ID()
		require.NoError(t, err)
		require.Equal(t, id, actual, text)
	}
}

func TestStrict(t *testing.T) {
	for _, text := range []string{
		"", "[1]", "customization: [", "customisation: {}", "customization: {extraKernelArguments: []}", "owner: me",
		"customization: {meta: [{key: 256, value: a}]}", "customization: {bootloader: lilo}",
	} {
		_, err := factory.Parse([]byte(text))
		require.Error(t, err, text)
	}
}
