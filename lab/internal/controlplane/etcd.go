package controlplane

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/siderolabs/crypto/x509"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

// etcd is the node's member: the service and how it comes to be one.
type etcd struct {
	service
	*node

	// bootstraps carries a call to the waiting service.
	bootstraps chan bootstrap

	mutex   sync.Mutex
	waiting bool
	// cluster is --initial-cluster for the next start; empty where there is data.
	cluster, clusterState string
}

func newEtcd(n *node) (*etcd, error) {
	e := &etcd{node: n, bootstraps: make(chan bootstrap)}
	e.service = service{
		board: newBoard("etcd", n.Changed), output: n.Output("etcd"), grace: 2 * time.Second, wake: make(chan struct{}, 1),
		prepare: e.command, started: e.promote, check: e.healthy,
	}

	return e, e.place()
}

// place issues the member's certificates. A peer certificate needs 127.0.0.1: that is where the
// kernel lets a connection to any other loopback address come from, and etcd checks it.
func (e *etcd) place() error {
	ca := e.Options.Config.Cluster().Etcd().CA()

	var own names

	own.add(e.Hostname, e.Address.String(), "127.0.0.1", "localhost")

	for name, options := range map[string][]x509.Option{
		"server": append(own.options(), x509.CommonName(e.Hostname), forBoth),
		"peer":   append(own.options(), x509.CommonName(e.Hostname), forBoth),
		"admin":  {x509.CommonName("talos"), forClients},
	} {
		pair, err := issue(ca, etcdCertificateLifetime, options...)
		if err != nil {
			return err
		}

		if err := e.etcdDir.writePair(name, pair); err != nil {
			return err
		}
	}

	return e.etcdDir.write("ca.crt", ca.Crt)
}

// command gives etcd's command line: as Talos's, but for a quicker election, and without what costs seconds when a member joins.
func (e *etcd) command(context.Context) (command, error) {
	cluster := e.config().Cluster()
	if subnets := cluster.Etcd().AdvertisedSubnets(); !within(e.Address, subnets) {
		return command{}, fmt.Errorf("address %s is in none of cluster.etcd.advertisedSubnets %v", e.Address, subnets)
	}

	programs, err := e.Binaries(imageVersion(cluster.APIServer().Image()))
	if err != nil {
		return command{}, fmt.Errorf("image %s cannot be pulled: %w", cluster.Etcd().Image(), err)
	}

	dir := e.etcdDir
	args := arguments{
		"name":                  {e.Hostname},
		"auto-tls":              {"false"},
		"peer-auto-tls":         {"false"},
		"data-dir":              {e.dataDir()},
		"listen-peer-urls":      {e.peerURL()},
		"listen-client-urls":    {e.etcdURL(e.Address)},
		"client-cert-auth":      {"true"},
		"cert-file":             {dir.path("server.crt")},
		"key-file":              {dir.path("server.key")},
		"trusted-ca-file":       {dir.path("ca.crt")},
		"peer-client-cert-auth": {"true"},
		"peer-cert-file":        {dir.path("peer.crt")},
		"peer-key-file":         {dir.path("peer.key")},
		"peer-trusted-ca-file":  {dir.path("ca.crt")},
		// A new member may join before the last one has been healthy for 5 s.
		"strict-reconfig-check": {"false"},
		"heartbeat-interval":    {"100"},
		"election-timeout":      {"600"},
		// What a process wrote outlives its SIGKILL; only this machine's own crash could lose it.
		"unsafe-no-fsync": {"true"},
	}

	fixed := policies{}

	for flag := range args {
		if flag != "heartbeat-interval" && flag != "election-timeout" {
			fixed.denied = append(fixed.denied, flag)
		}
	}

	args["advertise-client-urls"] = []string{e.etcdURL(e.Address)}
	args["initial-advertise-peer-urls"] = []string{e.peerURL()}

	e.mutex.Lock()
	if e.cluster != "" {
		args["initial-cluster"], args["initial-cluster-state"] = []string{e.cluster}, []string{e.clusterState}
	}
	e.mutex.Unlock()

	if err := args.merge(e.localize(cluster.Etcd().ExtraArgs(), nil), fixed); err != nil {
		return command{}, err
	}

	return command{path: programs.Etcd, arguments: args.list()}, nil
}

// healthy tells whether the member takes part in a quorum: a linearizable read needs one.
func (e *etcd) healthy(ctx context.Context) error {
	if !answers(e.Address) {
		return errors.New("etcd does not listen yet")
	}

	client, err := e.client(e.etcdURL(e.Address))
	if err != nil {
		return err
	}
	defer client.Close()

	_, err = client.Get(ctx, "health")

	return err
}

// client speaks to the given members as Talos does.
func (e *etcd) client(endpoints ...string) (*clientv3.Client, error) {
	authority, err := os.ReadFile(e.etcdDir.path("ca.crt"))
	if err != nil {
		return nil, err
	}

	certificate, err := tls.LoadX509KeyPair(e.etcdDir.path("admin.crt"), e.etcdDir.path("admin.key"))
	if err != nil {
		return nil, err
	}

	return clientv3.New(clientv3.Config{
		Endpoints:   endpoints,
		DialTimeout: 2 * time.Second,
		Logger:      zap.NewNop(),
		TLS:         &tls.Config{RootCAs: pool(authority), Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	})
}

// run starts the member where it has data, and otherwise waits until it may be one.
func (e *etcd) run(ctx context.Context) {
	if e.empty() && !e.await(ctx) {
		e.board.set(Finished, "Service finished successfully")

		return
	}

	e.service.run(ctx)
}

// empty tells whether the member has no data. What cannot be read is not empty.
func (e *etcd) empty() bool {
	entries, err := os.ReadDir(e.dataDir())

	return err == nil && len(entries) == 0 || errors.Is(err, os.ErrNotExist)
}

// bootstrap is how a new cluster is asked for.
type bootstrap struct {
	// from is what it begins with; nil where it begins empty.
	from  *Snapshot
	reply chan error
}

// bootstrap hands the call to the waiting service.
func (e *etcd) bootstrap(ctx context.Context, from *Snapshot) error {
	if !e.empty() {
		return ErrAlreadyExists
	}

	e.mutex.Lock()
	waiting, started := e.waiting, e.cluster != ""
	e.mutex.Unlock()

	if started {
		return ErrAlreadyExists
	}

	if !waiting {
		return ErrNotReady
	}

	asked := bootstrap{from: from, reply: make(chan error, 1)}
	select {
	case e.bootstraps <- asked:
		return <-asked.reply
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *etcd) setWaiting(waiting bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()

	e.waiting = waiting
}

// setCluster says with whom the member starts.
func (e *etcd) setCluster(state string, members ...string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()

	e.cluster, e.clusterState, e.waiting = strings.Join(members, ","), state, false
}
