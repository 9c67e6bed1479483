package talosprovider_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/stretchr/testify/require"
)

const schematicToken = "talos:imageFactory/schematic:Schematic"

// newFactory starts an Image Factory that answers by path and keeps what is posted.
func newFactory(t *testing.T, answers map[string]string) (c client, posted *[]string) {
	t.Helper()

	posted = &[]string{}

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.203.1.1:0")
	require.NoError(t, err)

	server := httptest.NewUnstartedServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		answer, ok := answers[request.Method+" "+request.URL.Path]
		if !ok {
			http.Error(response, "no such thing", http.StatusNotFound)

			return
		}

		text, readErr := io.ReadAll(request.Body)
		if readErr == nil && len(text) > 0 {
			*posted = append(*posted, request.Header.Get("Content-Type")+"\n"+string(text))
		}

		_, _ = io.WriteString(response, answer) // a client that is gone fails the test by itself
	}))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)

	return newClient(t, fields{"imageFactoryUrl": server.URL}), posted
}

func TestASchematicIsSubmittedAndItsIDIsTheFactorys(t *testing.T) {
	c, posted := newFactory(t, map[string]string{"POST /schematics": `{"id": "ce4c980550dd2ab1"}`})
	text := "customization:\n  extraKernelArgs: [quiet]\n"

	previewed := c.preview(schematicToken, fields{"schematic": text})
	require.True(t, previewed.Get("id").IsComputed())
	require.Empty(t, *posted)

	created := c.mustCreate(schematicToken, fields{"schematic": text})
	require.Equal(t, "ce4c980550dd2ab1", created.ID)
	require.Equal(t, []string{"application/yaml\n" + text}, *posted)
	require.Empty(t, c.diff(schematicToken, created.Properties, fields{"schematic": text}))

	changes := c.diff(schematicToken, created.Properties, fields{"schematic": text + "#"})
	require.Equal(t, map[string]provider.PropertyDiff{"schematic": {Kind: provider.Update}}, changes, "so the ID goes stale")

	c.mustCreate(schematicToken, nil)
	require.Equal(t, "application/yaml\ncustomization: {}\n", (*posted)[1])
}

func TestTheFactorysRefusalIsShown(t *testing.T) {
	c, _ := newFactory(t, nil)

	_, err := c.create(schematicToken, nil)
	require.ErrorContains(t, err, "/schematics: HTTP 404: no such thing")
}

func TestExtensionsAreFilteredByPartsAndByWholeNames(t *testing.T) {
	c, _ := newFactory(t, map[string]string{"GET /version/v1.13.0/extensions/official": `[
		{"name": "siderolabs/i915", "ref": "ghcr.io/siderolabs/i915:1", "digest": "sha256:1", "author": "a", "description": "d"},
		{"name": "siderolabs/i915-ucode"}, {"name": "siderolabs/util-linux-tools"}]`})
	found := func(more fields) (names []string) {
		more["talosVersion"] = "v1.13.0"
		answer := c.mustInvoke("talos:imageFactory/getExtensionsVersions:getExtensionsVersions", more)
		require.Equal(t, "extensions_info", answer.Get("id").AsString())

		for _, extension := range answer.Get("extensionsInfos").AsArray().All {
			names = append(names, extension.AsMap().Get("name").AsString())
		}

		return names
	}

	require.Len(t, found(fields{}), 3)
	require.Equal(t, []string{"siderolabs/i915"}, found(fields{"exactFilters": fields{"names": []string{"siderolabs/i915"}}}))
	require.Len(t, found(fields{"filters": fields{"names": []string{"i915"}}}), 2)
}

func TestVersionsAndOverlaysAreListed(t *testing.T) {
	c, _ := newFactory(t, map[string]string{
		"GET /versions": `["v1.12.4", "v1.13.0", "v1.14.0-alpha.1"]`,
		"GET /version/v1.13.0/overlays/official": `[{"name": "rpi_generic", "image": "siderolabs/sbc-raspberrypi"},
			{"name": "nanopi-r5s"}]`,
	})

	all := c.mustInvoke("talos:imageFactory/getVersions:getVersions", nil)
	require.Equal(t, 3, all.Get("talosVersions").AsArray().Len())

	stable := c.mustInvoke("talos:imageFactory/getVersions:getVersions", fields{"filters": fields{"stableVersionsOnly": true}})
	require.Equal(t, properties(fields{"v": []string{"v1.12.4", "v1.13.0"}}).Get("v"), stable.Get("talosVersions"))

	overlays := c.mustInvoke("talos:imageFactory/getOverlaysVersions:getOverlaysVersions",
		fields{"talosVersion": "v1.13.0", "filters": fields{"name": "rpi"}}).Get("overlaysInfos").AsArray()
	require.Equal(t, 1, overlays.Len())
	require.Equal(t, "siderolabs/sbc-raspberrypi", overlays.Get(0).AsMap().Get("image").AsString())
}

func TestURLsAreThoseOfTheFactory(t *testing.T) {
	const token = "talos:imageFactory/getUrls:getUrls"

	urls := func(c client, more fields) func(string) string {
		more["schematicId"], more["talosVersion"] = "abc", "1.13.0"
		answer := c.mustInvoke(token, more)

		return func(name string) string { return at(answer, "urls", name).AsString() }
	}

	metal := urls(newClient(t, nil), fields{"platform": "metal"})
	require.Equal(t, "factory.talos.dev/metal-installer/abc:v1.13.0", metal("installer"))
	require.Equal(t, "factory.talos.dev/metal-installer-secureboot/abc:v1.13.0", metal("installerSecureboot"))
	require.Equal(t, "https://factory.talos.dev/image/abc/v1.13.0/metal-amd64.iso", metal("iso"))
	require.Equal(t, "https://pxe.factory.talos.dev/pxe/abc/v1.13.0/metal-amd64", metal("pxe"))

	own := urls(newClient(t, fields{"imageFactoryUrl": "http://127.203.1.2:8080"}), fields{"platform": "nocloud", "architecture": "arm64"})
	require.Equal(t, "127.203.1.2:8080/nocloud-installer/abc:v1.13.0", own("installer"))
	require.Equal(t, "http://127.203.1.2:8080/image/abc/v1.13.0/nocloud-arm64.raw.xz", own("diskImage"))
	require.Empty(t, own("kernel"))

	board := urls(newClient(t, nil), fields{"sbc": "rpi_generic"})
	require.Equal(t, "factory.talos.dev/metal-installer/abc:v1.13.0", board("installer"))
	require.Equal(t, "https://factory.talos.dev/image/abc/v1.13.0/metal-arm64.raw.xz", board("diskImage"))
	require.Empty(t, board("iso"))

	for _, wrong := range []fields{{}, {"platform": "metal", "sbc": "rpi_generic"}, {"platform": "moon"}, {"sbc": "moon"},
		{"platform": "metal", "architecture": "s390x"}} {
		wrong["schematicId"], wrong["talosVersion"] = "abc", "v1.13.0"
		_, err := newClient(t, nil).invoke(token, wrong)
		require.Error(t, err, "%v", wrong)
	}
}
