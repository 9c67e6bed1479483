package machine

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/siderolabs/talos/pkg/machinery/config/config"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/kubelet"
)

// ControlPlane is what a control plane node runs: etcd and the static pods.
type ControlPlane interface {
	Run(ctx context.Context) error
	Bootstrap(ctx context.Context) error
	Recover(ctx context.Context, from controlplane.Snapshot) error
	Update(cfg config.Config) error
	Statuses() []controlplane.Status
	Etcd() (*clientv3.Client, error)
	LeaveEtcd(ctx context.Context) error
	LoseEtcd(ctx context.Context) error
	Pause(paused bool)
	AdminKubeconfig(server string) ([]byte, error)
}

// Kubelet is what every configured node runs.
type Kubelet interface {
	Run(ctx context.Context) error
	Update(cfg config.Config)
	Status() controlplane.Status
}

// Components make what runs on a configured node. Tests of the machine alone give others.
type Components struct {
	ControlPlane func(controlplane.Options) (ControlPlane, error)
	Kubelet      func(kubelet.Options) (Kubelet, error)
}

func (c Components) withDefaults() Components {
	if c.ControlPlane == nil {
		c.ControlPlane = func(o controlplane.Options) (ControlPlane, error) { return controlplane.New(o) }
	}

	if c.Kubelet == nil {
		c.Kubelet = func(o kubelet.Options) (Kubelet, error) { return kubelet.New(o) }
	}

	return c
}
