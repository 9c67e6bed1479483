package factory_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/factory"
)

func serve(t *testing.T) (*factory.Factory, string) {
	t.Helper()
	f := &factory.Factory{Dir: t.TempDir()}
	server := httptest.NewServer(f.Handler())
	t.Cleanup(server.Close)
	f.Host = strings.TrimPrefix(server.URL, "http://")

	return f, server.URL
}

func answer(t *testing.T, response *http.Response, err error) (int, string) {
	t.Helper()
	require.NoError(t, err)

	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)

	return response.StatusCode, string(body)
}

func submit(t *testing.T, url, text string) (int, string) {
	t.Helper()

	response, err := http.Post(url+"/schematics", "application/yaml", strings.NewReader(text))

	return answer(t, response, err)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()

	response, err := http.Get(url)

	return answer(t, response, err)
}

func TestASchematicIsKept(t *testing.T) {
	_, url := serve(t)
	status, body := submit(t, url, "customization: {extraKernelArgs: [noapic, nolapic]}")
	require.Equal(t, http.StatusCreated, status, body)

	var created struct{ ID, Schematic string }
	require.NoError(t, json.Unmarshal([]byte(body), &created))
	require.Equal(t, "9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c", created.ID)

	status, kept := get(t, url+"/schematics/"+created.ID)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "customization:\n    extraKernelArgs:\n        - noapic\n        - nolapic\n", kept)
	require.Equal(t, kept, created.Schematic)
}

func TestBadRequests(t *testing.T) {
	_, url := serve(t)
	for _, text := range []string{"customization: [", "customisation: {}", "owner: me"} {
		status, body := submit(t, url, text)
		require.Equal(t, http.StatusBadRequest, status, text)
		require.NotEmpty(t, body)
	}

	for path, expected := range map[string]int{
		"/schematics/" + strings.Repeat("a", 64): http.StatusNotFound,
		"/schematics/..%2f..%2fsecret":           http.StatusNotFound,
		"/version/v9.9.9/extensions/official":    http.StatusNotFound,
		"/version/latest/extensions/official":    http.StatusInternalServerError,
		"/image/376567/v1.13.0/metal-amd64.iso":  http.StatusNotImplemented,
		"/nothing":                               http.StatusNotFound,
	} {
		status, _ := get(t, url+path)
		require.Equal(t, expected, status, path)
	}
}

func TestLists(t *testing.T) {
	_, url := serve(t)
	status, body := get(t, url+"/versions")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `"v1.13.0"`)

	for _, version := range []string{"v1.13.0", "1.13.0"} {
		status, body = get(t, url+"/version/"+version+"/extensions/official")
		require.Equal(t, http.StatusOK, status)

		for _, name := range []string{"amdgpu", "amd-ucode", "nfsrahead", "iscsi-tools", "util-linux-tools", "intel-ucode", "i915", "qemu-guest-agent", "tailscale"} {
			require.Contains(t, body, `"name":"siderolabs/`+name+`"`)
		}
	}

	_, body = get(t, url+"/version/v1.13.0/overlays/official")
	require.Contains(t, body, `"name":"rpi_generic","image":"siderolabs/sbc-raspberrypi"`)
}

func TestWhatAMachineCanPull(t *testing.T) {
	f, url := serve(t)
	id := func(text string) string {
		status, body := submit(t, url, text)
		require.Equal(t, http.StatusCreated, status, body)

		var created struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(body), &created))

		return created.ID
	}
	good := id("customization: {systemExtensions: {officialExtensions: [siderolabs/amdgpu]}}")
	bad := id("customization: {systemExtensions: {officialExtensions: [siderolabs/amdgpus]}}")

	for ref, problem := range map[string]string{
		f.Host + "/metal-installer/" + good + ":v1.13.3":            "",
		f.Host + "/installer-secureboot/" + good + ":v1.13.3":       "",
		f.Host + "/metal-installer/" + good + ":v1.13.99":           "manifest unknown",
		f.Host + "/metal-installer/" + bad + ":v1.13.3":             `"siderolabs/amdgpus" is not available`,
		f.Host + "/metal-installer/" + good[:63] + "x" + ":v1.13.3": "schematic not found",
		f.Host + "/imager/" + good + ":v1.13.3":                     "name unknown",
		"ghcr.io/siderolabs/installer:v1.13.0":                      "",
		"ghcr.io/siderolabs/installer:v0.1.0":                       "manifest unknown",
		"registry.k8s.io/kube-apiserver:v1.36.3":                    "",
	} {
		if err := f.Pullable(ref); problem == "" {
			require.NoError(t, err, ref)
		} else {
			require.ErrorContains(t, err, problem, ref)
		}
	}
}
