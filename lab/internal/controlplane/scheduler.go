package controlplane

import (
	"maps"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"sigs.k8s.io/yaml"
)

var schedulerPolicies = policies{denied: []string{"kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig", "config"}}

// renderScheduler makes kube-scheduler's pod as Talos does, on the node's address.
func (n *node) renderScheduler(cfg config.Config) (*pod, error) {
	if cfg.Machine().Controlplane().Scheduler().Disabled() {
		return nil, nil // no pod is what a disabled component has
	}

	scheduler, dir := cfg.Cluster().Scheduler(), n.scheduler
	kubeconfig := []string{dir.path("kubeconfig")}

	document := object{}
	maps.Copy(document, scheduler.Config())
	document["apiVersion"], document["kind"] = "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration"

	connection, _ := document["clientConnection"].(object)
	connection = maps.Clone(connection)

	if connection == nil {
		connection = object{}
	}

	connection["kubeconfig"] = kubeconfig[0]
	document["clientConnection"] = connection

	content, err := yaml.Marshal(document)
	if err != nil {
		return nil, err
	}

	args := arguments{
		"config":                                 {dir.path("scheduler-config.yaml")},
		"authentication-tolerate-lookup-failure": {"false"},
		"authentication-kubeconfig":              kubeconfig,
		"authorization-kubeconfig":               kubeconfig,
		"bind-address":                           {n.Address.String()},
		"cert-dir":                               {dir.path("serving")},
		"profiling":                              {"false"},
		"tls-min-version":                        {"VersionTLS13"},
	}
	args.leaderElection()

	if err := args.merge(n.localize(scheduler.ExtraArgs(), scheduler.ExtraVolumes()), schedulerPolicies); err != nil {
		return nil, err
	}

	return &pod{
		image: scheduler.Image(), arguments: args.list(), env: environment(scheduler.Env()),
		files: map[string][]byte{"scheduler-config.yaml": content},
	}, nil
}

func (n *node) placeScheduler(*pod) error {
	return n.placeKubeconfig(n.scheduler, "system:kube-scheduler")
}
