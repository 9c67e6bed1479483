package machine

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"

	"phoebe.dev/lab/internal/machine/apid"
)

// Who may call what, as Talos 1.13 has it. What is not listed is for administrators.
var (
	readers   = role.MakeSet(role.Admin, role.Operator, role.Reader)
	operators = role.MakeSet(role.Admin, role.Operator)
	backups   = role.MakeSet(role.Admin, role.Operator, role.EtcdBackup)
	etcdView  = role.MakeSet(role.Admin, role.Operator, role.Reader, role.EtcdBackup)
	admins    = role.MakeSet(role.Admin)
)

var rules = map[string]role.Set{
	"/cluster.ClusterService/HealthCheck": readers,

	"/machine.ImageService/List": readers,
	"/machine.ImageService/Pull": operators,

	// Readers in maintenance mode only: the call itself checks.
	"/machine.MachineService/ApplyConfiguration": role.MakeSet(role.Admin, role.Reader),

	"/machine.MachineService/Containers":     readers,
	"/machine.MachineService/DiskUsage":      readers,
	"/machine.MachineService/Dmesg":          readers,
	"/machine.MachineService/EtcdAlarmList":  etcdView,
	"/machine.MachineService/EtcdDefragment": operators,
	"/machine.MachineService/EtcdMemberList": etcdView,
	"/machine.MachineService/EtcdSnapshot":   backups,
	"/machine.MachineService/EtcdStatus":     etcdView,
	"/machine.MachineService/Events":         readers,
	"/machine.MachineService/Hostname":       readers,
	"/machine.MachineService/ImageList":      readers,
	"/machine.MachineService/ImagePull":      operators,
	"/machine.MachineService/List":           readers,
	"/machine.MachineService/LoadAvg":        readers,
	"/machine.MachineService/Logs":           readers,
	"/machine.MachineService/LogsContainers": readers,
	"/machine.MachineService/Memory":         readers,
	"/machine.MachineService/Mounts":         readers,
	"/machine.MachineService/Reboot":         operators,
	"/machine.MachineService/ServiceList":    readers,
	"/machine.MachineService/ServiceRestart": operators,
	"/machine.MachineService/ServiceStart":   operators,
	"/machine.MachineService/ServiceStop":    operators,
	"/machine.MachineService/Shutdown":       operators,
	"/machine.MachineService/SystemStat":     readers,
	"/machine.MachineService/Version":        readers,

	// Types are checked one by one where they are served.
	"/cosi.resource.State/Get":   readers,
	"/cosi.resource.State/List":  readers,
	"/cosi.resource.State/Watch": readers,

	"/storage.StorageService/Disks": readers,

	"/time.TimeService/Time":      readers,
	"/time.TimeService/TimeCheck": readers,
}

func authorize(ctx context.Context, method string) error {
	allowed, ok := rules[method]
	if !ok {
		allowed = admins
	}

	if !allowed.IncludesAny(apid.Roles(ctx)) {
		return apid.ErrNotAuthorized
	}

	return nil
}

func authorizeUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := authorize(ctx, info.FullMethod); err != nil {
		return nil, err
	}

	return handler(ctx, req)
}

func authorizeStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := authorize(stream.Context(), info.FullMethod); err != nil {
		return err
	}

	return handler(srv, stream)
}
