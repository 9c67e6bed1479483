package vault_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/vault"
)

const template = `cluster: { id: op://v/t/id, secret: op://v/t/secret }
secrets: { bootstraptoken: op://v/t/token, secretboxencryptionsecret: op://v/t/box }
trustdinfo: { token: op://v/t/trustd }
certs:
  os: { crt: op://v/t/os.crt, key: op://v/t/os.key }
  k8sserviceaccount: { key: op://v/t/sa }
`

const patch = `machine: { network: { interfaces: [{ wireguard: { privateKey: op://v/w/key } }] } }
---
kind: Other # op://in/a/comment
password: op://v/w/password
`

func stack(t *testing.T, template string) (vault.Stack, string) {
	t.Helper()
	root := t.TempDir()
	patches := filepath.Join(root, "patches", "global")
	require.NoError(t, os.MkdirAll(patches, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(patches, "a.yaml"), []byte(patch), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(patches, "broken.yaml"), []byte("a: [\n"), 0o600))
	file := filepath.Join(root, "talsecret.yaml")
	require.NoError(t, os.WriteFile(file, []byte(template), 0o600))

	return vault.Stack{Template: file, Contract: "v1.13", Folders: []string{filepath.Dir(patches), filepath.Join(root, "nowhere")}}, filepath.Join(root, "values.json")
}

func values(t *testing.T, path string) map[string]string {
	t.Helper()

	content, err := os.ReadFile(path)
	require.NoError(t, err)

	var values map[string]string
	require.NoError(t, json.Unmarshal(content, &values))

	return values
}

func TestEachReferenceHasAValueThatStays(t *testing.T) {
	stack, path := stack(t, template)
	require.NoError(t, vault.Fill(path, stack))
	first := values(t, path)
	require.Len(t, first, 10)

	for reference, value := range first {
		require.NotEmpty(t, value, reference)
	}

	require.Len(t, first["op://v/w/key"], 44)
	require.NotEqual(t, first["op://v/w/key"], first["op://v/w/password"])

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.NoError(t, os.WriteFile(stack.Template, []byte(template+"  etcd: { crt: op://v/t/etcd.crt, key: op://v/t/etcd.key }\n"), 0o600))
	require.NoError(t, vault.Fill(path, stack))
	second := values(t, path)
	require.Len(t, second, 12)

	for reference, value := range first {
		require.Equal(t, value, second[reference], reference)
	}
}

func TestAReferenceToAWholeBundle(t *testing.T) {
	stack, path := stack(t, "op://v/t/bundle\n")
	require.NoError(t, vault.Fill(path, stack))
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	require.NoError(t, os.WriteFile(file, []byte(values(t, path)["op://v/t/bundle"]), 0o600))
	bundle, err := secrets.LoadBundle(file)
	require.NoError(t, err)
	require.NoError(t, bundle.Validate())
}

func TestWithoutReferencesThereIsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "values.json")
	require.NoError(t, vault.Fill(path, vault.Stack{Contract: "v1.13"}))
	require.NoFileExists(t, path)
}
