package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine/disk"
)

const schematic = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"

func TestFromImage(t *testing.T) {
	t.Parallel()

	for image, expected := range map[string]disk.System{
		"ghcr.io/siderolabs/installer:v1.13.3":                                 {Version: "v1.13.3"},
		"factory.talos.dev/metal-installer/" + schematic + ":v1.13.3":          {Version: "v1.13.3", Schematic: schematic},
		"127.0.0.1:5000/installer/" + schematic + ":v1.14.0-alpha.2":           {Version: "v1.14.0-alpha.2", Schematic: schematic},
		"factory.talos.dev/installer/" + schematic + ":v1.13.4@sha256:" + "00": {Version: "v1.13.4", Schematic: schematic},
	} {
		expected.Image = image
		system, err := disk.FromImage(image)
		require.NoError(t, err)
		require.Equal(t, expected, system)
	}

	for _, image := range []string{"", "ghcr.io/siderolabs/installer", "127.0.0.1:5000/installer", "installer:latest", "installer:1.13.3"} {
		_, err := disk.FromImage(image)
		require.ErrorContains(t, err, "installer image", image)
	}
}

func TestWipedPartsAreGoneAndTheRestStays(t *testing.T) {
	t.Parallel()

	d, err := disk.Open(t.TempDir())
	require.NoError(t, err)

	system := disk.System{Image: "i:v1.13.3", Version: "v1.13.3"}
	require.NoError(t, d.SetTable(disk.Table{Device: "/dev/sda", Active: &system}))

	id, err := d.NodeID()
	require.NoError(t, err)

	again, err := d.NodeID()
	require.NoError(t, err)
	require.Equal(t, id, again)

	require.NoError(t, d.WipeState())

	other, err := d.NodeID()
	require.NoError(t, err)
	require.NotEqual(t, id, other)

	table, err := d.Table()
	require.NoError(t, err)
	require.Equal(t, &system, table.Active)

	require.NoError(t, d.Wipe())

	table, err = d.Table()
	require.NoError(t, err)
	require.Zero(t, table)
}

func TestUnreadableTableSaysWhereItIs(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "machine.json"), []byte("{"), 0o600))

	_, err := disk.Open(dir)
	require.ErrorContains(t, err, filepath.Join(dir, "machine.json"))
}
