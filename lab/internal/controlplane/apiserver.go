package controlplane

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"

	"phoebe.dev/lab/internal/addresses"
)

const cipherSuites = "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256," +
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305," +
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384," +
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"

var apiServerPolicies = policies{
	additive: []string{"enable-admission-plugins", "feature-gates", "authorization-mode", "tls-cipher-suites"},
	denied: []string{
		"etcd-servers", "client-ca-file", "requestheader-client-ca-file", "proxy-client-cert-file", "proxy-client-key-file",
		"encryption-provider-config", "etcd-cafile", "etcd-certfile", "etcd-keyfile", "kubelet-client-certificate", "kubelet-client-key",
		"service-account-key-file", "service-account-signing-key-file", "tls-cert-file", "tls-private-key-file", "authorization-config",
	},
}

// renderAPIServer makes kube-apiserver's pod as Talos does. Different from a real node are only
// where it listens (the node's address instead of all) and that it does not write the endpoints
// of the kubernetes Service: the API refuses loopback addresses there.
func (n *node) renderAPIServer(cfg config.Config) (*pod, error) {
	cluster, server := cfg.Cluster(), cfg.Cluster().APIServer()
	dir := n.apiServer

	args := arguments{
		"admission-control-config-file":      {dir.path("admission-control-config.yaml")},
		"allow-privileged":                   {"true"},
		"anonymous-auth":                     {"false"},
		"api-audiences":                      {cluster.Endpoint().String()},
		"advertise-address":                  {n.Address.String()},
		"bind-address":                       {n.Address.String()},
		"endpoint-reconciler-type":           {"none"},
		"client-ca-file":                     {dir.path("ca.crt")},
		"enable-admission-plugins":           {"NodeRestriction"},
		"requestheader-client-ca-file":       {dir.path("aggregator-ca.crt")},
		"requestheader-allowed-names":        {"front-proxy-client"},
		"requestheader-extra-headers-prefix": {"X-Remote-Extra-"},
		"requestheader-group-headers":        {"X-Remote-Group"},
		"requestheader-username-headers":     {"X-Remote-User"},
		"proxy-client-cert-file":             {dir.path("front-proxy-client.crt")},
		"proxy-client-key-file":              {dir.path("front-proxy-client.key")},
		"enable-bootstrap-token-auth":        {"true"},
		"tls-min-version":                    {"VersionTLS12"},
		"tls-cipher-suites":                  {cipherSuites},
		"encryption-provider-config":         {dir.path("encryptionconfig.yaml")},
		"audit-policy-file":                  {dir.path("auditpolicy.yaml")},
		"audit-log-path":                     {dir.path("audit.log")},
		"audit-log-maxage":                   {"30"},
		"audit-log-maxbackup":                {"10"},
		"audit-log-maxsize":                  {"100"},
		"profiling":                          {"false"},
		"etcd-cafile":                        {n.etcdDir.path("ca.crt")},
		"etcd-certfile":                      {dir.path("etcd-client.crt")},
		"etcd-keyfile":                       {dir.path("etcd-client.key")},
		"etcd-servers":                       {n.etcdURL(n.Address)},
		"kubelet-client-certificate":         {dir.path("apiserver-kubelet-client.crt")},
		"kubelet-client-key":                 {dir.path("apiserver-kubelet-client.key")},
		"secure-port":                        {strconv.Itoa(cluster.LocalAPIServerPort())},
		"service-account-issuer":             {cluster.Endpoint().String()},
		"service-account-key-file":           {dir.path("service-account.pub")},
		"service-account-signing-key-file":   {dir.path("service-account.key")},
		"service-cluster-ip-range":           {strings.Join(cluster.Network().ServiceCIDRs(), ",")},
		"tls-cert-file":                      {dir.path("apiserver.crt")},
		"tls-private-key-file":               {dir.path("apiserver.key")},
		"kubelet-preferred-address-types":    {"InternalIP,ExternalIP,Hostname"},
	}

	files := map[string][]byte{}
	if err := apiServerFiles(cfg, files); err != nil {
		return nil, err
	}

	if _, ok := files[authorizationFile]; ok {
		args["authorization-config"] = []string{dir.path(authorizationFile)}
	} else {
		args["authorization-mode"] = []string{"Node,RBAC"}
	}

	if err := args.merge(n.localize(server.ExtraArgs(), server.ExtraVolumes()), apiServerPolicies); err != nil {
		return nil, err
	}

	return &pod{
		image: server.Image(), arguments: args.list(), env: environment(server.Env()), files: files, certificates: n.apiServerNames(cluster),
	}, nil
}

// apiServerNames are all by which clients know the API server. Those of the machine config are there as declared and moved.
func (n *node) apiServerNames(cluster config.ClusterConfig) names {
	var all names

	all.add(cluster.Endpoint().Hostname())
	all.add(cluster.CertSANs()...)
	all.add("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc."+cluster.Network().DNSDomain(), "localhost")
	all.add(n.Hostname)

	for _, addr := range all.addresses {
		all.addAddresses(addresses.Move(addr))
	}

	if service, err := cluster.Network().APIServerIPs(); err == nil { // the config's validation names what is wrong with them
		all.addAddresses(service...)
	}

	all.addAddresses(n.Address, netip.MustParseAddr("127.0.0.1"))

	return all
}

// placeAPIServer issues kube-apiserver's certificates.
func (n *node) placeAPIServer(p *pod) error {
	cluster := n.config().Cluster()

	for _, c := range []struct {
		name     string
		ca       *x509.PEMEncodedCertificateAndKey
		lifetime time.Duration
		options  []x509.Option
	}{
		{"apiserver", cluster.IssuingCA(), kubernetesCertificateLifetime, append(p.certificates.options(),
			x509.CommonName("kube-apiserver"), x509.Organization("kube-master"), forServers)},
		{"apiserver-kubelet-client", cluster.IssuingCA(), kubernetesCertificateLifetime, []x509.Option{
			x509.CommonName(constants.KubernetesAPIServerKubeletClientCommonName),
			x509.Organization(constants.KubernetesAdminCertOrganization), forClients,
		}},
		{"front-proxy-client", cluster.AggregatorCA(), kubernetesCertificateLifetime, []x509.Option{
			x509.CommonName("front-proxy-client"), forClients,
		}},
		{"etcd-client", cluster.Etcd().CA(), etcdCertificateLifetime, []x509.Option{x509.CommonName("kube-apiserver"), forClients}},
	} {
		pair, err := issue(c.ca, c.lifetime, c.options...)
		if err != nil {
			return err
		}

		if err = n.apiServer.writePair(c.name, pair); err != nil {
			return err
		}
	}

	account, err := cluster.ServiceAccount().GetKey()
	if err != nil {
		return err
	}

	for name, content := range map[string][]byte{
		"ca.crt":              acceptedCAs(cluster),
		"aggregator-ca.crt":   cluster.AggregatorCA().Crt,
		"service-account.pub": account.GetPublicKeyPEM(),
		"service-account.key": account.GetPrivateKeyPEM(),
	} {
		if err := n.apiServer.write(name, content); err != nil {
			return err
		}
	}

	return nil
}
