package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// callTimeout bounds what one call may take that is not a stream.
const callTimeout = 30 * time.Second

// etcdClient is a client of the node's own member; the caller closes it.
func (s *server) etcdClient(api string) (*clientv3.Client, error) {
	if err := s.controlPlaneOnly(api); err != nil {
		return nil, err
	}

	plane := s.plane()
	if plane == nil {
		return nil, status.Error(codes.Unavailable, "etcd is stopped")
	}

	client, err := plane.Etcd()
	if err != nil {
		return nil, fmt.Errorf("failed to create etcd client: %w", err)
	}

	if err := listens(client.Endpoints()[0]); err != nil {
		_ = client.Close() // nothing was asked

		return nil, status.Errorf(codes.Unavailable, "connection error: desc = \"transport: Error while dialing: %v\"", err)
	}

	return client, nil
}

// listens finds out early that a member does not run: etcd's client would try again and again.
func listens(endpoint string) error {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return err
	}

	conn, err := net.DialTimeout("tcp", parsed.Host, memberTimeout)
	if err != nil {
		return err
	}

	return conn.Close()
}

// withEtcd runs a call on the node's own member. One that ends meanwhile would be waited for without an end, so that the
// call has one.
func withEtcd[T any](s *server, api string, call func(*clientv3.Client) (T, error)) (T, error) {
	client, err := s.etcdClient(api)
	if err != nil {
		var none T

		return none, err
	}
	defer client.Close()

	limit := time.AfterFunc(callTimeout, func() { _ = client.Close() })
	defer limit.Stop()

	return call(client)
}

// EtcdMemberList implements machine.MachineService.
func (s *server) EtcdMemberList(ctx context.Context, in *machine.EtcdMemberListRequest) (*machine.EtcdMemberListResponse, error) {
	return withEtcd(s, "member list", func(client *clientv3.Client) (*machine.EtcdMemberListResponse, error) {
		if !in.GetQueryLocal() {
			ctx = clientv3.WithRequireLeader(ctx)
		}

		list, err := client.MemberList(ctx)
		if err != nil {
			return nil, err
		}

		members := &machine.EtcdMembers{}

		for _, m := range list.Members {
			members.LegacyMembers = append(members.LegacyMembers, m.Name)
			members.Members = append(members.Members, &machine.EtcdMember{
				Id: m.ID, Hostname: m.Name, PeerUrls: m.PeerURLs, ClientUrls: m.ClientURLs, IsLearner: m.IsLearner,
			})
		}

		return &machine.EtcdMemberListResponse{Messages: []*machine.EtcdMembers{members}}, nil
	})
}

// EtcdRemoveMemberByID implements machine.MachineService.
func (s *server) EtcdRemoveMemberByID(ctx context.Context, in *machine.EtcdRemoveMemberByIDRequest) (*machine.EtcdRemoveMemberByIDResponse, error) {
	return withEtcd(s, "etcd remove member", func(client *clientv3.Client) (*machine.EtcdRemoveMemberByIDResponse, error) {
		removed := s.memberMachine(ctx, client, in.GetMemberId())

		_, err := client.MemberRemove(clientv3.WithRequireLeader(ctx), in.GetMemberId())
		if errors.Is(err, rpctypes.ErrMemberNotFound) {
			return nil, status.Error(codes.NotFound, err.Error())
		}

		if err != nil {
			return nil, fmt.Errorf("failed to remove member: %w", err)
		}

		if removed != nil {
			b := removed.booted()
			removed.attendance.removed(b == nil || !b.isUp())
		}

		return &machine.EtcdRemoveMemberByIDResponse{Messages: []*machine.EtcdRemoveMemberByID{{}}}, nil
	})
}

// memberMachine is the machine of the lab that a member runs on; nil where it is not known.
func (s *server) memberMachine(ctx context.Context, client *clientv3.Client, id uint64) *Machine {
	list, err := client.MemberList(ctx)
	if err != nil {
		return nil
	}

	for _, member := range list.Members {
		for _, m := range s.fabric.Machines() {
			peer := fmt.Sprintf("https://%s", netip.AddrPortFrom(m.options.Address, constants.EtcdPeerPort))
			if member.ID == id && slices.Contains(member.PeerURLs, peer) {
				return m
			}
		}
	}

	return nil
}

// EtcdLeaveCluster implements machine.MachineService.
func (s *server) EtcdLeaveCluster(ctx context.Context, _ *machine.EtcdLeaveClusterRequest) (*machine.EtcdLeaveClusterResponse, error) {
	if err := s.controlPlaneOnly("etcd leave"); err != nil {
		return nil, err
	}

	if err := s.leaveEtcd(ctx); err != nil {
		return nil, fmt.Errorf("failed to leave cluster: %w", err)
	}

	return &machine.EtcdLeaveClusterResponse{Messages: []*machine.EtcdLeaveCluster{{}}}, nil
}

func (b *boot) leaveEtcd(ctx context.Context) error {
	plane := b.plane()
	if plane == nil {
		return nil
	}

	if err := plane.LeaveEtcd(ctx); err != nil {
		return err
	}

	b.machine.attendance.removed(false)

	return nil
}
