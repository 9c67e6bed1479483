package machine

import (
	"context"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/protobuf/types/known/emptypb"
)

// EtcdStatus implements machine.MachineService.
func (s *server) EtcdStatus(ctx context.Context, _ *emptypb.Empty) (*machine.EtcdStatusResponse, error) {
	return withEtcd(s, "etcd status", func(client *clientv3.Client) (*machine.EtcdStatusResponse, error) {
		is, err := client.Status(ctx, client.Endpoints()[0])
		if err != nil {
			return nil, fmt.Errorf("failed to query etcd status: %w", err)
		}

		return &machine.EtcdStatusResponse{Messages: []*machine.EtcdStatus{{MemberStatus: &machine.EtcdMemberStatus{
			MemberId:         is.Header.GetMemberId(),
			ProtocolVersion:  is.Version,
			StorageVersion:   is.StorageVersion,
			DbSize:           is.DbSize,
			DbSizeInUse:      is.DbSizeInUse,
			Leader:           is.Leader,
			RaftIndex:        is.RaftIndex,
			RaftTerm:         is.RaftTerm,
			RaftAppliedIndex: is.RaftAppliedIndex,
			Errors:           is.Errors,
			IsLearner:        is.IsLearner,
		}}}}, nil
	})
}

// EtcdForfeitLeadership implements machine.MachineService.
func (s *server) EtcdForfeitLeadership(ctx context.Context, _ *machine.EtcdForfeitLeadershipRequest) (*machine.EtcdForfeitLeadershipResponse, error) {
	return withEtcd(s, "etcd forfeit leadership", func(client *clientv3.Client) (*machine.EtcdForfeitLeadershipResponse, error) {
		successor, err := forfeit(clientv3.WithRequireLeader(ctx), client)
		if err != nil {
			return nil, fmt.Errorf("failed to forfeit leadership: %w", err)
		}

		return &machine.EtcdForfeitLeadershipResponse{Messages: []*machine.EtcdForfeitLeadership{{Member: successor}}}, nil
	})
}

// forfeit gives leadership to the first other voting member; nothing where this one does not lead.
func forfeit(ctx context.Context, client *clientv3.Client) (string, error) {
	list, err := client.MemberList(ctx)
	if err != nil {
		return "", fmt.Errorf("failed to list etcd members: %w", err)
	}

	if len(list.Members) == 1 {
		return "", fmt.Errorf("cannot forfeit leadership, only one member")
	}

	is, err := client.Status(ctx, client.Endpoints()[0])
	if err != nil {
		return "", err
	}

	own := is.Header.GetMemberId()
	if is.Leader != own {
		return "", nil
	}

	for _, m := range list.Members {
		if m.ID != own && !m.IsLearner {
			_, err := client.MoveLeader(ctx, m.ID)

			return m.Name, err
		}
	}

	return "", fmt.Errorf("no other voting member")
}

// EtcdAlarmList implements machine.MachineService.
func (s *server) EtcdAlarmList(ctx context.Context, _ *emptypb.Empty) (*machine.EtcdAlarmListResponse, error) {
	return withEtcd(s, "etcd alarm list", func(client *clientv3.Client) (*machine.EtcdAlarmListResponse, error) {
		list, err := client.AlarmList(ctx)
		if err != nil {
			return nil, fmt.Errorf("failed to list etcd alarms: %w", err)
		}

		return &machine.EtcdAlarmListResponse{Messages: []*machine.EtcdAlarm{{MemberAlarms: alarms(list.Alarms)}}}, nil
	})
}

// EtcdAlarmDisarm implements machine.MachineService.
func (s *server) EtcdAlarmDisarm(ctx context.Context, _ *emptypb.Empty) (*machine.EtcdAlarmDisarmResponse, error) {
	return withEtcd(s, "etcd alarm disarm", func(client *clientv3.Client) (*machine.EtcdAlarmDisarmResponse, error) {
		list, err := client.AlarmDisarm(ctx, &clientv3.AlarmMember{})
		if err != nil {
			return nil, fmt.Errorf("failed to disarm etcd alarm: %w", err)
		}

		return &machine.EtcdAlarmDisarmResponse{Messages: []*machine.EtcdAlarmDisarm{{MemberAlarms: alarms(list.Alarms)}}}, nil
	})
}

// EtcdDefragment implements machine.MachineService.
func (s *server) EtcdDefragment(ctx context.Context, _ *emptypb.Empty) (*machine.EtcdDefragmentResponse, error) {
	return withEtcd(s, "etcd defragment", func(client *clientv3.Client) (*machine.EtcdDefragmentResponse, error) {
		if _, err := client.Defragment(ctx, client.Endpoints()[0]); err != nil {
			return nil, fmt.Errorf("failed to defragment etcd: %w", err)
		}

		return &machine.EtcdDefragmentResponse{Messages: []*machine.EtcdDefragment{{}}}, nil
	})
}

func alarms(list []*etcdserverpb.AlarmMember) []*machine.EtcdMemberAlarm {
	var all []*machine.EtcdMemberAlarm

	for _, alarm := range list {
		kind := machine.EtcdMemberAlarm_NONE

		switch alarm.GetAlarm() {
		case etcdserverpb.AlarmType_NOSPACE:
			kind = machine.EtcdMemberAlarm_NOSPACE
		case etcdserverpb.AlarmType_CORRUPT:
			kind = machine.EtcdMemberAlarm_CORRUPT
		}

		all = append(all, &machine.EtcdMemberAlarm{MemberId: alarm.GetMemberID(), Alarm: kind})
	}

	return all
}
