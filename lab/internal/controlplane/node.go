package controlplane

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// Ports on which the controller manager and the scheduler answer their probes.
const (
	controllerManagerPort = 10257
	schedulerPort         = 10259
)

// node is what all parts of a control plane node know: where it is, its folders and its current machine config.
type node struct {
	Options
	etcdDir, apiServer, controllerManager, scheduler folder

	mutex   sync.RWMutex
	current config.Config
}

func newNode(options Options) (*node, error) {
	n := &node{Options: options, current: options.Config}

	if err := checkConfig(options.Config); err != nil {
		return nil, err
	}

	for name, dir := range map[string]*folder{
		"etcd": &n.etcdDir, "kube-apiserver": &n.apiServer, "kube-controller-manager": &n.controllerManager, "kube-scheduler": &n.scheduler,
	} {
		made, err := newFolder(options.RunDir, name)
		if err != nil {
			return nil, err
		}

		*dir = made
	}

	for _, dir := range []string{options.RunDir, options.Dir, n.dataDir()} {
		if _, err := newFolder(dir); err != nil {
			return nil, err
		}
	}

	return n, n.placeMachineFiles()
}

// checkConfig refuses a machine config without what a control plane node needs.
func checkConfig(cfg config.Config) error {
	if cfg.Cluster() == nil || cfg.Machine() == nil {
		return fmt.Errorf("the machine config has no %q and %q section", "machine", "cluster")
	}

	for path, ca := range map[string]*x509.PEMEncodedCertificateAndKey{
		"cluster.ca": cfg.Cluster().IssuingCA(), "cluster.aggregatorCA": cfg.Cluster().AggregatorCA(), "cluster.etcd.ca": cfg.Cluster().Etcd().CA(),
	} {
		if ca == nil || len(ca.Key) == 0 {
			return fmt.Errorf("%s is missing in the machine config, or its key is: a control plane node needs both", path)
		}
	}

	if cfg.Cluster().ServiceAccount() == nil {
		return fmt.Errorf("cluster.serviceAccount is missing in the machine config")
	}

	return nil
}

func (n *node) config() config.Config {
	n.mutex.RLock()
	defer n.mutex.RUnlock()

	return n.current
}

func (n *node) setConfig(cfg config.Config) {
	n.mutex.Lock()
	defer n.mutex.Unlock()

	n.current = cfg
}

func (n *node) dataDir() string { return filepath.Join(n.Dir, "etcd") }

func (n *node) apiServerAddress() netip.AddrPort {
	return netip.AddrPortFrom(n.Address, uint16(n.config().Cluster().LocalAPIServerPort())) // validated by the config's loader
}

func (n *node) apiServerURL() string { return fmt.Sprintf("https://%s", n.apiServerAddress()) }

func (n *node) etcdURL(addr netip.Addr) string {
	return fmt.Sprintf("https://%s", netip.AddrPortFrom(addr, constants.EtcdClientPort))
}

func (n *node) peerURL() string {
	return fmt.Sprintf("https://%s", netip.AddrPortFrom(n.Address, constants.EtcdPeerPort))
}

// member is the node's own part of --initial-cluster.
func (n *node) member() string { return n.Hostname + "=" + n.peerURL() }

// placeMachineFiles writes machine.files where extraArgs that name them are pointed at.
func (n *node) placeMachineFiles() error {
	files, err := n.Config.Machine().Files()
	if err != nil {
		return err
	}

	for _, file := range files {
		path := n.hostPath(file.Path(), nil)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}

		if err := os.WriteFile(path, []byte(file.Content()), 0o600); err != nil {
			return err
		}
	}

	return nil
}
