package resources

import (
	"fmt"
	"net/netip"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	timeres "github.com/siderolabs/talos/pkg/machinery/resources/time"
)

const (
	gib = uint64(1) << 30

	diskSize = 64 * gib
	// ephemeralSize is what the other partitions leave.
	ephemeralSize = 61 * gib
)

// Disks are what every simulated machine has: an empty disk of each common kind, so
// that configs written for real machines find theirs.
func Disks(serial string) []*block.Disk {
	var disks []*block.Disk

	for _, kind := range []struct{ id, transport, model string }{
		{"nvme0n1", "nvme", "Simulated NVMe"},
		{"sda", "sata", "Simulated SSD"},
		{"vda", "virtio", "Simulated virtio"},
	} {
		disk := block.NewDisk(block.NamespaceName, kind.id)
		spec := disk.TypedSpec()
		spec.DevPath = "/dev/" + kind.id
		spec.SetSize(diskSize)
		spec.IOSize, spec.SectorSize = 512, 512
		spec.Model, spec.Transport = kind.model, kind.transport
		spec.Serial = fmt.Sprintf("%s-%s", serial, kind.id)
		spec.WWID = "sim." + spec.Serial
		spec.BusPath, spec.SubSystem = "/simulated/"+kind.id, "/sys/class/block"
		disks = append(disks, disk)
	}

	return disks
}

// NotInstalled says of a machine that no Talos is on any disk of it.
func NotInstalled() resource.Resource {
	meta := block.NewVolumeStatus(block.NamespaceName, constants.MetaPartitionLabel)
	meta.TypedSpec().Phase, meta.TypedSpec().Type = block.VolumePhaseMissing, block.VolumeTypePartition

	return meta
}

// Installed are the resources of an installed system: its disk and volumes.
func Installed(device string) []resource.Resource {
	systemDisk := block.NewSystemDisk(block.NamespaceName, block.SystemDiskID)
	systemDisk.TypedSpec().DevPath = device
	systemDisk.TypedSpec().DiskID = device[len("/dev/"):]

	return []resource.Resource{
		systemDisk,
		volume(device, constants.MetaPartitionLabel, 3, 1<<20, block.FilesystemTypeNone),
		volume(device, constants.StatePartitionLabel, 4, 100<<20, block.FilesystemTypeXFS),
		volume(device, constants.EphemeralPartitionLabel, 5, ephemeralSize, block.FilesystemTypeXFS),
	}
}

func volume(device, label string, index int, size uint64, filesystem block.FilesystemType) *block.VolumeStatus {
	v := block.NewVolumeStatus(block.NamespaceName, label)
	spec := v.TypedSpec()
	spec.Phase, spec.Type = block.VolumePhaseReady, block.VolumeTypePartition
	spec.ParentLocation, spec.PartitionIndex = device, index
	spec.Location = fmt.Sprintf("%s%d", device, index)
	spec.MountLocation = spec.Location
	spec.Filesystem = filesystem
	spec.SetSize(size)

	return v
}

// Platform are the resources that say what machine this is, and whether what it runs is
// of the SecureBoot variant.
func Platform(name, version string, signed bool) []resource.Resource {
	platform := runtime.NewPlatformMetadataSpec(runtime.NamespaceName, runtime.PlatformMetadataID)
	platform.TypedSpec().Platform = constants.PlatformMetal

	talos := runtime.NewVersion()
	talos.TypedSpec().Version = version

	security := runtime.NewSecurityStateSpec(runtime.NamespaceName)
	security.TypedSpec().SecureBoot = signed

	system := hardware.NewSystemInformation(hardware.SystemInformationID)
	system.TypedSpec().Manufacturer = "phoebe lab"
	system.TypedSpec().ProductName = "simulated machine"
	system.TypedSpec().SerialNumber = name

	synced := timeres.NewStatus()
	synced.TypedSpec().Synced = true

	return []resource.Resource{platform, talos, security, system, synced}
}

// Network are the resources of a node whose network is up.
func Network(address netip.Addr) []resource.Resource {
	up := network.NewStatus(network.NamespaceName, network.StatusID)
	up.TypedSpec().AddressReady = true
	up.TypedSpec().ConnectivityReady = true
	up.TypedSpec().HostnameReady = true
	up.TypedSpec().EtcFilesReady = true

	all := []resource.Resource{up}

	for _, id := range []resource.ID{
		network.NodeAddressDefaultID, network.NodeAddressCurrentID, network.NodeAddressAccumulativeID, network.NodeAddressRoutedID,
	} {
		// Talos tells them once more without those of pods and services, of which a machine here has none.
		for _, id := range []resource.ID{id, network.FilteredNodeAddressID(id, k8s.NodeAddressFilterNoK8s)} {
			addresses := network.NewNodeAddress(network.NamespaceName, id)
			addresses.TypedSpec().Addresses = []netip.Prefix{netip.PrefixFrom(address, 8)}
			all = append(all, addresses)
		}
	}

	return all
}
