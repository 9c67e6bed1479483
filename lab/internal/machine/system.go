package machine

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	timeapi "github.com/siderolabs/talos/pkg/machinery/api/time"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// memoryKiB is what a simulated machine has, whatever the host does.
const memoryKiB = 8 << 20

// Version implements machine.MachineService.
func (s *server) Version(context.Context, *emptypb.Empty) (*machine.VersionResponse, error) {
	version := &machine.Version{
		Version: &machine.VersionInfo{
			Tag:       s.system.Version,
			GoVersion: "simulated",
			Os:        "linux",
			Arch:      s.machine.options.Arch,
		},
		Platform: &machine.PlatformInfo{Name: "metal", Mode: "metal"},
	}

	if !s.inMaintenance() {
		version.Features = &machine.FeaturesInfo{Rbac: true}
	}

	return &machine.VersionResponse{Messages: []*machine.Version{version}}, nil
}

// Hostname implements machine.MachineService.
func (s *server) Hostname(context.Context, *emptypb.Empty) (*machine.HostnameResponse, error) {
	node, _ := s.node()

	return &machine.HostnameResponse{Messages: []*machine.Hostname{{Hostname: node.Hostname}}}, nil
}

// Memory implements machine.MachineService.
func (s *server) Memory(context.Context, *emptypb.Empty) (*machine.MemoryResponse, error) {
	return &machine.MemoryResponse{Messages: []*machine.Memory{{Meminfo: &machine.MemInfo{
		Memtotal: memoryKiB, Memfree: memoryKiB / 2, Memavailable: memoryKiB / 2,
	}}}}, nil
}

// LoadAvg implements machine.MachineService: the host's, which the nodes share.
func (s *server) LoadAvg(context.Context, *emptypb.Empty) (*machine.LoadAvgResponse, error) {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return nil, err
	}

	var load [3]float64

	for i, field := range strings.Fields(string(data))[:3] {
		if load[i], err = strconv.ParseFloat(field, 64); err != nil {
			return nil, err
		}
	}

	return &machine.LoadAvgResponse{Messages: []*machine.LoadAvg{{Load1: load[0], Load5: load[1], Load15: load[2]}}}, nil
}

// SystemStat implements machine.MachineService.
func (s *server) SystemStat(context.Context, *emptypb.Empty) (*machine.SystemStatResponse, error) {
	return &machine.SystemStatResponse{Messages: []*machine.SystemStat{{BootTime: uint64(s.started.Unix())}}}, nil
}

// Time implements time.TimeService.
func (s *server) Time(context.Context, *emptypb.Empty) (*timeapi.TimeResponse, error) {
	now := timestamppb.Now()

	return &timeapi.TimeResponse{Messages: []*timeapi.Time{{Server: "host", Localtime: now, Remotetime: now}}}, nil
}
