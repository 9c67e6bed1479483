package factory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"golang.org/x/mod/semver"
)

// patches: how many patch releases of each Talos minor the simulated factory has, beginning with 0.
var patches = []struct {
	minor string
	count int
}{{"v1.12", 8}, {"v1.13", 6}, {"v1.14", 3}}

// Versions are the Talos versions of which images can be had.
func Versions() []string {
	var versions []string

	for _, release := range patches {
		for patch := range release.count {
			versions = append(versions, fmt.Sprintf("%s.%d", release.minor, patch))
		}
	}

	return versions
}

// Extension describes one system extension, or overlay, as Image Factory lists it.
type Extension struct {
	Name        string `json:"name"`
	Image       string `json:"image,omitempty"` // of an overlay
	Ref         string `json:"ref"`
	Digest      string `json:"digest"`
	Author      string `json:"author,omitempty"`
	Description string `json:"description,omitempty"`
}

// extensions: the official ones that a home or a small company is likely to name.
var extensions = []struct{ name, version, description string }{
	{"amd-ucode", "", "AMD microcode updates"},
	{"amdgpu", "", "AMD GPU drivers and firmware"},
	{"binfmt-misc", "", "Support for foreign binary formats"},
	{"bnx2-bnx2x", "", "Firmware of Broadcom network cards"},
	{"btrfs", "", "The btrfs kernel module"},
	{"cloudflared", "2026.3.0", "Cloudflare's tunnel client"},
	{"drbd", "9.2.16", "The DRBD kernel module"},
	{"gasket-driver", "97aeba5", "Google Coral's kernel module"},
	{"glibc", "2.41", "The GNU C library"},
	{"gvisor", "20260202.0", "The gVisor container runtime"},
	{"hailort", "4.23.0", "Driver of Hailo's accelerators"},
	{"i915", "", "Intel GPU drivers and firmware"},
	{"intel-ice-firmware", "", "Firmware of Intel E800 network cards"},
	{"intel-ucode", "20260210", "Intel microcode updates"},
	{"iscsi-tools", "v0.2.0", "The iSCSI daemon and its tools"},
	{"kata-containers", "3.27.0", "The Kata container runtime"},
	{"lldpd", "1.0.20", "The LLDP daemon"},
	{"mei", "", "The Intel Management Engine kernel modules"},
	{"nfs-utils", "2.8.5", "NFS lock and statistics daemons"},
	{"nfsd", "", "The NFS server kernel modules"},
	{"nfsrahead", "2.8.5", "Read-ahead settings of NFS mounts"},
	{"nut-client", "2.8.4", "The Network UPS Tools client"},
	{"nvidia-container-toolkit-lts", "580.126.16", "The NVIDIA container toolkit"},
	{"nvidia-open-gpu-kernel-modules-lts", "580.126.16", "NVIDIA's open kernel modules"},
	{"nvme-cli", "v2.16", "The NVMe command line"},
	{"qemu-guest-agent", "10.2.0", "The QEMU guest agent"},
	{"realtek-firmware", "", "Firmware of Realtek network cards"},
	{"spin", "v0.23.0", "The Spin container runtime"},
	{"stargz-snapshotter", "v0.18.1", "The stargz snapshotter"},
	{"tailscale", "1.94.1", "The Tailscale client"},
	{"thunderbolt", "", "The Thunderbolt kernel modules"},
	{"util-linux-tools", "2.41.3", "Tools of util-linux"},
	{"v4l-uvc-drivers", "", "Drivers of USB cameras"},
	{"vmtoolsd-guest-agent", "v1.6.0", "The VMware guest agent"},
	{"wasmedge", "v0.6.0", "The WasmEdge container runtime"},
	{"xen-guest-agent", "0.4.0", "The Xen guest agent"},
	{"youki", "0.6.0", "The youki container runtime"},
	{"zfs", "2.4.0", "The ZFS kernel modules and tools"},
}

// overlays by name: the image that holds each.
var overlays = []struct{ name, image string }{
	{"generic", "siderolabs/sbc-jetson"},
	{"jetson_nano", "siderolabs/sbc-jetson"},
	{"nanopi-r5s", "siderolabs/sbc-rockchip"},
	{"orangepi-5", "siderolabs/sbc-rockchip"},
	{"rock4cplus", "siderolabs/sbc-rockchip"},
	{"rock5b", "siderolabs/sbc-rockchip"},
	{"rpi_generic", "siderolabs/sbc-raspberrypi"},
	{"turingrk1", "siderolabs/sbc-rockchip"},
}

// hasExtension says whether a schematic may name the extension.
func hasExtension(name string) bool {
	return slices.ContainsFunc(extensions, func(e struct{ name, version, description string }) bool { return "siderolabs/"+e.name == name })
}

func officialExtensions(talos string) []Extension {
	listed := make([]Extension, 0, len(extensions))
	for _, extension := range extensions {
		version := extension.version
		if version == "" { // released with Talos
			version = talos
		}

		ref := fmt.Sprintf("ghcr.io/siderolabs/%s:%s", extension.name, version)
		listed = append(listed, Extension{
			Name: "siderolabs/" + extension.name, Ref: ref, Digest: digest(ref), Author: "Sidero Labs", Description: extension.description,
		})
	}

	return listed
}

func officialOverlays(talos string) []Extension {
	listed := make([]Extension, 0, len(overlays))
	for _, overlay := range overlays {
		ref := fmt.Sprintf("ghcr.io/%s:%s", overlay.image, semver.MajorMinor(talos)+".0")
		listed = append(listed, Extension{Name: overlay.name, Image: overlay.image, Ref: ref, Digest: digest(ref)})
	}

	return listed
}

// digest stands for that of the image: there is none to be hashed.
func digest(ref string) string {
	sum := sha256.Sum256([]byte(ref))

	return "sha256:" + hex.EncodeToString(sum[:])
}
