package main

import (
	"os"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/stretchr/testify/require"
)

func TestTheCommittedKeysAreTalosOwn(t *testing.T) {
	committed, err := os.ReadFile("../../../cluster/talos-keys.json")
	require.NoError(t, err)

	generated, err := generate()
	require.NoError(t, err)
	require.Equal(t, string(generated), string(committed), "if not: npm run generate:talos-keys")
}

func TestTalosRefusesUnknownKeysAndKinds(t *testing.T) {
	_, err := configpatcher.LoadPatch([]byte("machine: { kubelett: {} }"))
	require.ErrorContains(t, err, "unknown keys")

	_, err = configloader.NewFromBytes([]byte("apiVersion: v1alpha1\nkind: HostnameConfg\n"))
	require.ErrorContains(t, err, "not registered")
}
