package machine

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	"google.golang.org/protobuf/types/known/emptypb"

	"phoebe.dev/lab/internal/machine/resources"
)

// Disks implements storage.StorageService.
func (s *server) Disks(context.Context, *emptypb.Empty) (*storage.DisksResponse, error) {
	var disks []*storage.Disk

	for _, d := range resources.Disks(s.machine.options.Name) {
		spec := d.TypedSpec()

		kind := storage.Disk_SSD
		if spec.Transport == "nvme" {
			kind = storage.Disk_NVME
		}

		disks = append(disks, &storage.Disk{
			DeviceName: spec.DevPath,
			Model:      spec.Model,
			Size:       spec.Size,
			Serial:     spec.Serial,
			Wwid:       spec.WWID,
			Type:       kind,
			BusPath:    spec.BusPath,
			SystemDisk: spec.DevPath == s.device,
			Subsystem:  spec.SubSystem,
		})
	}

	return &storage.DisksResponse{Messages: []*storage.Disks{{Disks: disks}}}, nil
}
