// Package apitest runs a real API server on a real etcd for tests, and nothing else of Kubernetes: no controller
// deletes, schedules or readies anything unless a test does it itself.
package apitest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Environment names the folder that holds etcd and kube-apiserver.
const Environment = "PHOEBE_TOOLS"

// Cluster is one API server and how to reach it.
type Cluster struct {
	Server     string // https://…
	CA         []byte // PEM
	Token      string // of an administrator
	Kubeconfig string // contents
	processes  []*process
	directory  string
}

var (
	once   sync.Once
	shared *Cluster
	failed error
)

// Shared is the cluster of this test binary, started by the first test that asks.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	once.Do(func() { shared, failed = start() })

	if failed != nil {
		t.Fatal(failed)
	}

	return shared
}

// Stop ends the shared cluster; TestMain calls it.
func Stop() {
	if shared != nil {
		shared.stop()
	}
}

func start() (*Cluster, error) {
	tools := os.Getenv(Environment)
	if tools == "" {
		return nil, fmt.Errorf("%s is not set: it has to name a folder with etcd and kube-apiserver", Environment)
	}

	directory, err := os.MkdirTemp("", "apitest-")
	if err != nil {
		return nil, err
	}
	// An address for each process that runs tests, so that the ports can be the usual ones.
	pid := os.Getpid()
	address := fmt.Sprintf("127.205.%d.%d", pid>>7&127, pid&127+1)

	cluster := &Cluster{Server: "https://" + address + ":6443", Token: "an-administrator", directory: directory}
	if err := cluster.run(tools, address); err != nil {
		cluster.stop()

		return nil, err
	}

	return cluster, nil
}

func (cluster *Cluster) run(tools, address string) error {
	files, err := cluster.write(address)
	if err != nil {
		return err
	}

	client, peer := "http://"+address+":2379", "http://"+address+":2380"

	etcd, err := launch(filepath.Join(tools, "etcd"), cluster.directory,
		"--name=etcd", "--data-dir="+filepath.Join(cluster.directory, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=etcd="+peer)
	if err != nil {
		return err
	}

	cluster.processes = append(cluster.processes, etcd)

	server, err := launch(filepath.Join(tools, "kube-apiserver"), cluster.directory,
		"--etcd-servers="+client, "--bind-address="+address, "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none",
		"--tls-cert-file="+files.certificate, "--tls-private-key-file="+files.key, "--token-auth-file="+files.tokens,
		"--service-account-issuer="+cluster.Server, "--service-account-key-file="+files.key,
		"--service-account-signing-key-file="+files.key, "--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount")
	if err != nil {
		return err
	}

	cluster.processes = append(cluster.processes, server)

	return cluster.await(server)
}

func (cluster *Cluster) stop() {
	var errs []error
	for i := len(cluster.processes) - 1; i >= 0; i-- {
		errs = append(errs, cluster.processes[i].stop())
	}

	errs = append(errs, os.RemoveAll(cluster.directory))
	if err := errors.Join(errs...); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the test cluster:", err)
	}
}
