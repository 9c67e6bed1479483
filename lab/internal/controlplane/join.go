package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	joinPeriod  = 250 * time.Millisecond
	joinTimeout = 5 * time.Second
)

var errNoPeer = errors.New("no peer's etcd answers")

// await returns true once the node has been bootstrapped or has joined its peers' cluster, and false when ctx ends.
func (e *etcd) await(ctx context.Context) bool {
	e.setWaiting(true)
	defer e.setWaiting(false)

	e.board.set(Preparing, "Running pre state")

	ticker := time.NewTicker(joinPeriod)
	defer ticker.Stop()

	for {
		select {
		case <-ctx.Done():
			return false
		case asked := <-e.bootstraps:
			asked.reply <- nil

			if asked.from == nil {
				e.setCluster("new", e.member())

				return true
			}

			if e.recovered(ctx, *asked.from) {
				return true
			}

			ticker.Stop() // like Talos's, the service joins nobody any more; it can be asked again
		case <-ticker.C:
			err := e.join(ctx)
			if err == nil {
				return true
			}

			if !errors.Is(err, errNoPeer) {
				e.board.set(Preparing, "Joining the cluster: "+err.Error())
			}
		}
	}
}

// join adds the node as a learner through the first peer that lets it.
func (e *etcd) join(ctx context.Context) error {
	failure := errNoPeer

	for _, peer := range e.answeringPeers() {
		err := e.withMember(ctx, peer, e.joinThrough)
		if err == nil {
			return nil
		}

		failure = fmt.Errorf("through %s: %w", peer, err)
	}

	return failure
}

func (e *etcd) joinThrough(ctx context.Context, client *clientv3.Client) error {
	list, err := client.MemberList(ctx)
	if err != nil {
		return err
	}

	for _, member := range list.Members {
		// The node has no data, so this is what is left of it: its member before a wipe (Talos goes by the name), or a learner of a join
		// that crashed, which has no name yet and would keep every other learner out.
		if member.Name == e.Hostname || slices.Contains(member.PeerURLs, e.peerURL()) {
			if _, err := client.MemberRemove(ctx, member.ID); err != nil {
				return fmt.Errorf("removing the node's former member: %w", err)
			}
		}
	}

	added, err := client.MemberAddAsLearner(ctx, []string{e.peerURL()})
	if err != nil {
		return err
	}

	var cluster []string

	for _, member := range added.Members {
		name := member.Name
		if member.ID == added.Member.ID {
			name = e.Hostname
		}

		for _, url := range member.PeerURLs {
			cluster = append(cluster, name+"="+url)
		}
	}

	e.setCluster("existing", cluster...)

	return nil
}

// promote makes a started learner a voter as soon as it has caught up. A member that is none is left as it is.
func (e *etcd) promote(ctx context.Context) {
	ticker := time.NewTicker(joinPeriod)
	defer ticker.Stop()

	for {
		if done, err := e.tryPromote(ctx); done {
			return
		} else if err != nil && ctx.Err() == nil {
			fmt.Fprintf(e.output, "waiting for promotion: %s\n", err)
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (e *etcd) tryPromote(ctx context.Context) (done bool, err error) {
	if !answers(e.Address) {
		return false, nil
	}

	var status *clientv3.StatusResponse

	err = e.withMember(ctx, e.Address, func(ctx context.Context, client *clientv3.Client) (err error) {
		status, err = client.Status(ctx, e.etcdURL(e.Address))

		return err
	})
	if err != nil || !status.IsLearner {
		return err == nil, err
	}

	err = errNoPeer

	for _, peer := range e.answeringPeers() {
		if err = e.withMember(ctx, peer, func(ctx context.Context, client *clientv3.Client) error {
			_, err := client.MemberPromote(ctx, status.Header.MemberId)

			return err
		}); err == nil {
			return true, nil
		}
	}

	return false, err
}

// leave takes the member out of the cluster; its data is no longer valid then.
func (e *etcd) leave(ctx context.Context) error {
	if e.empty() {
		return nil
	}

	var members []*etcdserverpb.Member

	if err := e.withMember(ctx, e.Address, func(ctx context.Context, client *clientv3.Client) error {
		list, err := client.MemberList(ctx)
		if err == nil {
			members = list.Members
		}

		return err
	}); err != nil {
		return fmt.Errorf("listing etcd's members: %w", err)
	}

	var own uint64

	var others []string

	for _, member := range members {
		if slices.Contains(member.PeerURLs, e.peerURL()) {
			own = member.ID
		} else if !member.IsLearner {
			others = append(others, member.ClientURLs...)
		}
	}

	if len(others) == 0 {
		return ErrLastMember
	}

	// Asked of the others: a member that removes itself may stop before it answers.
	client, err := e.client(others...)
	if err != nil {
		return err
	}
	defer client.Close()

	_, err = client.MemberRemove(ctx, own)

	return err
}

// withMember speaks to one member alone, so that its answer is its own.
func (e *etcd) withMember(ctx context.Context, addr netip.Addr, call func(context.Context, *clientv3.Client) error) error {
	client, err := e.client(e.etcdURL(addr))
	if err != nil {
		return err
	}
	defer client.Close()

	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()

	return call(ctx, client)
}

func (e *etcd) answeringPeers() []netip.Addr {
	var answering []netip.Addr

	for _, peer := range e.Peers() {
		if peer.Address != e.Address && answers(peer.Address) {
			answering = append(answering, peer.Address)
		}
	}

	return answering
}

// answers tells whether something listens on a member's client port. On loopback a refusal comes at once.
func answers(addr netip.Addr) bool {
	connection, err := net.DialTimeout("tcp", netip.AddrPortFrom(addr, constants.EtcdClientPort).String(), time.Second)
	if err != nil {
		return false
	}

	return connection.Close() == nil
}
