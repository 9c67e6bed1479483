package controlplane

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMerge(t *testing.T) {
	args := arguments{"controllers": {"*,tokencleaner"}, "v": {"1"}, "kubeconfig": {"/k"}}
	rules := policies{additive: []string{"controllers"}, denied: []string{"kubeconfig"}}

	require.NoError(t, args.merge(map[string][]string{"controllers": {"-job", "tokencleaner"}, "v": {"4"}, "twice": {"a", "b"}}, rules))
	require.Equal(t, []string{"--controllers=*,tokencleaner,-job", "--kubeconfig=/k", "--twice=a", "--twice=b", "--v=4"}, args.list())
	require.EqualError(t, args.merge(map[string][]string{"kubeconfig": {"/other"}}, rules),
		`extra arg "kubeconfig" is not allowed: remove it from the machine config`)
}

func TestLocalize(t *testing.T) {
	n := &node{Options: Options{Address: netip.MustParseAddr("127.60.0.10"), RunDir: "/run/c1"}}

	for name, c := range map[string]struct{ key, value, local string }{
		"every address":          {"bind-address", "0.0.0.0", "127.60.0.10"},
		"localhost":              {"listen-metrics-urls", "http://127.0.0.1:2381,http://localhost:2382", "http://127.60.0.10:2381,http://127.60.0.10:2382"},
		"a declared address":     {"advertise-address", "10.60.0.10", "127.60.0.10"},
		"a range of the cluster": {"service-cluster-ip-range", "10.96.0.0/12", "10.96.0.0/12"},
		"a file":                 {"oidc-ca-file", "/var/oidc/ca.crt", "/run/c1/root/var/oidc/ca.crt"},
		"a file outside":         {"audit-log-path", "/../../etc/passwd", "/run/c1/root/etc/passwd"},
		"standard output":        {"audit-log-path", "-", "-"},
		"paths of URLs":          {"authorization-always-allow-paths", "/healthz", "/healthz"},
	} {
		require.Equal(t, map[string][]string{c.key: {c.local}}, n.localize(map[string][]string{c.key: {c.value}}, nil), name)
	}
}

func TestWithin(t *testing.T) {
	own := netip.MustParseAddr("127.60.0.10")

	for name, c := range map[string]struct {
		subnets []string
		within  bool
	}{
		"no subnet":              {nil, true},
		"its own, as declared":   {[]string{"10.60.0.0/24"}, true},
		"its own, moved already": {[]string{"127.60.0.0/24"}, true},
		"another":                {[]string{"10.61.0.0/24"}, false},
		"one of two":             {[]string{"10.61.0.0/24", "10.60.0.0/24"}, true},
		"excluded":               {[]string{"10.60.0.0/24", "!10.60.0.8/29"}, false},
		"another excluded":       {[]string{"!10.61.0.0/24"}, true},
		"all":                    {[]string{"0.0.0.0/0"}, true},
	} {
		require.Equal(t, c.within, within(own, c.subnets), name)
	}
}

func TestImageVersion(t *testing.T) {
	for image, version := range map[string]string{
		"registry.k8s.io/kube-apiserver:v1.36.3":            "1.36.3",
		"localhost:5000/kube-apiserver:v1.36.3@sha256:0123": "1.36.3",
		"localhost:5000/kube-apiserver":                     "",
	} {
		require.Equal(t, version, imageVersion(image), image)
	}
}
