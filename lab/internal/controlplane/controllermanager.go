package controlplane

import (
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

var controllerManagerPolicies = policies{
	additive: []string{"service-cluster-ip-range", "controllers"},
	denied: []string{
		"cluster-signing-cert-file", "cluster-signing-key-file", "authentication-kubeconfig", "authorization-kubeconfig", "root-ca-file",
		"service-account-private-key-file",
	},
}

// leaderElection replaces a leader that was powered off in seconds instead of a quarter of a minute.
func (a arguments) leaderElection() {
	a["leader-elect"] = []string{"true"}
	a["leader-elect-lease-duration"] = []string{"6s"}
	a["leader-elect-renew-deadline"] = []string{"4s"}
	a["leader-elect-retry-period"] = []string{"1s"}
}

// renderControllerManager makes kube-controller-manager's pod as Talos does, on the node's address. A
// node is missed sooner than the 50 s of a real cluster, since a simulated kubelet renews its lease oftener.
func (n *node) renderControllerManager(cfg config.Config) (*pod, error) {
	if cfg.Machine().Controlplane().ControllerManager().Disabled() {
		return nil, nil // no pod is what a disabled component has
	}

	manager, network, dir := cfg.Cluster().ControllerManager(), cfg.Cluster().Network(), n.controllerManager
	kubeconfig := []string{dir.path("kubeconfig")}

	args := arguments{
		"allocate-node-cidrs":              {"true"},
		"bind-address":                     {n.Address.String()},
		"cert-dir":                         {dir.path("serving")},
		"cluster-cidr":                     {strings.Join(network.PodCIDRs(), ",")},
		"service-cluster-ip-range":         {strings.Join(network.ServiceCIDRs(), ",")},
		"cluster-signing-cert-file":        {dir.path("ca.crt")},
		"cluster-signing-key-file":         {dir.path("ca.key")},
		"controllers":                      {"*,tokencleaner"},
		"configure-cloud-routes":           {"false"},
		"kubeconfig":                       kubeconfig,
		"authentication-kubeconfig":        kubeconfig,
		"authorization-kubeconfig":         kubeconfig,
		"root-ca-file":                     {dir.path("ca.crt")},
		"service-account-private-key-file": {dir.path("service-account.key")},
		"profiling":                        {"false"},
		"tls-min-version":                  {"VersionTLS13"},
		"use-service-account-credentials":  {"true"},
		"kube-api-qps":                     {"200"}, // the default of 20 lets the controllers take 5 s to start
		"kube-api-burst":                   {"400"},
		"node-monitor-period":              {"1s"},
		"node-monitor-grace-period":        {"12s"},
	}
	args.leaderElection()

	if err := args.merge(n.localize(manager.ExtraArgs(), manager.ExtraVolumes()), controllerManagerPolicies); err != nil {
		return nil, err
	}

	return &pod{image: manager.Image(), arguments: args.list(), env: environment(manager.Env())}, nil
}

func (n *node) placeControllerManager(*pod) error {
	cluster := n.config().Cluster()
	if err := n.controllerManager.writePair("ca", cluster.IssuingCA()); err != nil {
		return err
	}

	account, err := cluster.ServiceAccount().GetKey()
	if err != nil {
		return err
	}

	if err := n.controllerManager.write("service-account.key", account.GetPrivateKeyPEM()); err != nil {
		return err
	}

	return n.placeKubeconfig(n.controllerManager, "system:kube-controller-manager")
}

// placeKubeconfig lets a component speak to the node's own API server.
func (n *node) placeKubeconfig(dir folder, user string) error {
	content, err := kubeconfig(n.config().Cluster(), n.apiServerURL(), user, "default", identity{user, user, kubernetesCertificateLifetime})
	if err != nil {
		return err
	}

	return dir.write("kubeconfig", content)
}
