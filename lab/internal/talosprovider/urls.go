package talosprovider

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/platforms"
	"golang.org/x/mod/semver"
)

type urlsArguments struct {
	SchematicID  string `json:"schematicId"`
	TalosVersion string `json:"talosVersion"`
	Architecture string `json:"architecture"`
	Platform     string `json:"platform,omitempty"`
	SBC          string `json:"sbc,omitempty"`
}

type urlsResult struct {
	urlsArguments

	ID   string     `json:"id"`
	URLs imagesURLs `json:"urls"`
}

// imagesURLs are where the images lie; those that a platform does not have are empty.
type imagesURLs struct {
	Installer           string `json:"installer"`
	InstallerSecureboot string `json:"installerSecureboot"`
	ISO                 string `json:"iso"`
	ISOSecureboot       string `json:"isoSecureboot"`
	DiskImage           string `json:"diskImage"`
	DiskImageSecureboot string `json:"diskImageSecureboot"`
	PXE                 string `json:"pxe"`
	Kernel              string `json:"kernel"`
	KernelCommandLine   string `json:"kernelCommandLine"`
	Initramfs           string `json:"initramfs"`
	UKI                 string `json:"uki"`
}

// urls is talos:imageFactory/getUrls:getUrls. It asks nobody.
func (f *factory) urls(_ context.Context, arguments urlsArguments) (urlsResult, error) {
	if arguments.Architecture == "" {
		arguments.Architecture = "amd64"
	}

	result := urlsResult{urlsArguments: arguments}

	base, err := url.Parse(f.url)
	if err != nil {
		return result, fmt.Errorf("imageFactoryUrl: %w", err)
	}

	platform, err := arguments.platform()
	if err != nil {
		return result, err
	}

	at := place{base: base, schematic: arguments.SchematicID, version: withV(arguments.TalosVersion), platform: platform.Name}

	result.URLs = at.urls(platform, arguments.Architecture)
	if arguments.SBC != "" {
		result.URLs = imagesURLs{Installer: at.installer(""), DiskImage: at.image("metal-arm64.raw.xz")}
	}

	return result, nil
}

// platform finds the platform, which is metal's for a single-board computer.
func (a urlsArguments) platform() (platforms.Platform, error) {
	var none platforms.Platform

	if !semver.IsValid(withV(a.TalosVersion)) {
		return none, fmt.Errorf("talosVersion %q is no version such as v1.13.0", a.TalosVersion)
	}

	if a.Architecture != "amd64" && a.Architecture != "arm64" {
		return none, fmt.Errorf("architecture cannot be %q, but amd64 or arm64", a.Architecture)
	}

	known := append([]platforms.Platform{platforms.MetalPlatform()}, platforms.CloudPlatforms()...)

	switch {
	case (a.Platform == "") == (a.SBC == ""):
		return none, fmt.Errorf("exactly one of platform and sbc has to be set, not %q and %q", a.Platform, a.SBC)
	case a.SBC != "" && slices.ContainsFunc(platforms.SBCs(), func(board platforms.SBC) bool { return board.Name == a.SBC }):
		return platforms.MetalPlatform(), nil
	case a.SBC != "":
		return none, fmt.Errorf("sbc %q is not one that Talos knows", a.SBC)
	}

	index := slices.IndexFunc(known, func(platform platforms.Platform) bool { return platform.Name == a.Platform })
	if index < 0 {
		return none, fmt.Errorf("platform %q is not one that Talos knows", a.Platform)
	}

	return known[index], nil
}

// place is one schematic's images of one version in a factory.
type place struct {
	base                         *url.URL
	schematic, version, platform string
}

func (p place) image(file string) string {
	return fmt.Sprintf("%s/image/%s/%s/%s", p.base, p.schematic, p.version, file)
}

func (p place) pxe(file string) string {
	return fmt.Sprintf("%s://pxe.%s/pxe/%s/%s/%s", p.base.Scheme, p.base.Host, p.schematic, p.version, file)
}

func (p place) installer(suffix string) string {
	return fmt.Sprintf("%s/%s-installer%s/%s:%s", p.base.Host, p.platform, suffix, p.schematic, p.version)
}

// urls are those of a platform: metal has everything, a cloud what it can boot from.
func (p place) urls(platform platforms.Platform, architecture string) imagesURLs {
	all := imagesURLs{
		Installer:           p.installer(""),
		InstallerSecureboot: p.installer("-secureboot"),
		ISO:                 p.image(platform.ISOPath(architecture)),
		ISOSecureboot:       p.image(platform.SecureBootISOPath(architecture)),
		DiskImage:           p.image(platform.DiskImageDefaultPath(architecture)),
		DiskImageSecureboot: p.image(platform.SecureBootDiskImageDefaultPath(architecture)),
		PXE:                 p.pxe(platform.PXEScriptPath(architecture)),
		Kernel:              p.image(platform.KernelPath(architecture)),
		KernelCommandLine:   p.image(platform.CmdlinePath(architecture)),
		Initramfs:           p.image(platform.InitramfsPath(architecture)),
		UKI:                 p.image(platform.SecureBootUKIPath(architecture)),
	}

	if platform.Name == platforms.MetalPlatform().Name {
		return all
	}

	boots := func(method platforms.BootMethod) bool { return slices.Contains(platform.BootMethods, method) }
	some := imagesURLs{Installer: all.Installer}

	if boots(platforms.BootMethodDiskImage) {
		some.DiskImage, some.DiskImageSecureboot = all.DiskImage, all.DiskImageSecureboot
	}

	if boots(platforms.BootMethodISO) {
		some.ISO, some.ISOSecureboot = all.ISO, all.ISOSecureboot
	}

	if boots(platforms.BootMethodPXE) {
		some.PXE = all.PXE
	}

	some.InstallerSecureboot = all.InstallerSecureboot
	if !platform.SecureBootSupported {
		some.InstallerSecureboot, some.ISOSecureboot, some.DiskImageSecureboot = "", "", ""
	}

	return some
}
