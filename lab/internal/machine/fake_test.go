package machine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	clientv3 "go.etcd.io/etcd/client/v3"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/kubelet"
	"phoebe.dev/lab/internal/machine"
)

// fakes stand for what runs on a node, so that the machine alone is tested.
func fakes() machine.Components {
	return machine.Components{
		ControlPlane: func(o controlplane.Options) (machine.ControlPlane, error) { return &fakePlane{options: o}, nil },
		Kubelet:      func(o kubelet.Options) (machine.Kubelet, error) { return &fakeKubelet{options: o}, nil },
	}
}

type fakePlane struct {
	options controlplane.Options

	mu   sync.Mutex
	etcd controlplane.State
}

func (p *fakePlane) dir() string { return filepath.Join(p.options.Dir, "etcd") }

func (p *fakePlane) set(state controlplane.State) {
	p.mu.Lock()
	p.etcd = state
	p.mu.Unlock()
	p.options.Changed()
}

func (p *fakePlane) Run(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(p.dir(), "member")); err == nil {
		p.set(controlplane.Running)
	} else {
		p.set(controlplane.Preparing)
	}

	<-ctx.Done()

	return nil
}

func (p *fakePlane) Bootstrap(context.Context) error {
	if _, err := os.Stat(filepath.Join(p.dir(), "member")); err == nil {
		return controlplane.ErrAlreadyExists
	}

	if err := os.MkdirAll(filepath.Join(p.dir(), "member"), 0o700); err != nil {
		return err
	}

	p.set(controlplane.Running)

	return nil
}

func (p *fakePlane) Recover(ctx context.Context, _ controlplane.Snapshot) error {
	return p.Bootstrap(ctx)
}

func (p *fakePlane) Update(config.Config) error { return nil }

func (p *fakePlane) Statuses() []controlplane.Status {
	p.mu.Lock()
	defer p.mu.Unlock()

	return []controlplane.Status{
		{Name: "etcd", State: p.etcd, Healthy: p.etcd == controlplane.Running, Message: "fake"},
	}
}

func (p *fakePlane) Etcd() (*clientv3.Client, error) { return nil, errors.New("the fake has no etcd") }

func (p *fakePlane) LeaveEtcd(context.Context) error { return os.RemoveAll(p.dir()) }

func (p *fakePlane) LoseEtcd(context.Context) error { p.set(controlplane.Failed); return nil }

func (p *fakePlane) Pause(bool) {}

func (p *fakePlane) AdminKubeconfig(server string) ([]byte, error) {
	return []byte("server: " + server), nil
}

type fakeKubelet struct{ options kubelet.Options }

func (k *fakeKubelet) Run(ctx context.Context) error {
	<-ctx.Done()

	return nil
}

func (k *fakeKubelet) Update(config.Config) {}

func (k *fakeKubelet) Status() controlplane.Status {
	return controlplane.Status{Name: "kubelet", State: controlplane.Running, Healthy: true, Message: "fake"}
}

type lastMember struct{ *fakePlane }

func (lastMember) LeaveEtcd(context.Context) error { return controlplane.ErrLastMember }

func refusingToLeave(o controlplane.Options) (machine.ControlPlane, error) {
	return lastMember{&fakePlane{options: o}}, nil
}

// skipRegistration makes a node that is ready without Kubernetes.
func skipRegistration(cfg *v1alpha1.Config) {
	skip := true
	cfg.MachineConfig.MachineKubelet.KubeletSkipNodeRegistration = &skip
}
