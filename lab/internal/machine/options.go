package machine

import (
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/constants"

	"phoebe.dev/lab/internal/machine/disk"
)

// Options describe one machine.
type Options struct {
	// Name is for control only: the machine learns its hostname from its config.
	Name string
	// Address is the machine's loopback address.
	Address netip.Addr
	// Arch is the processor's, as Talos writes it: amd64 or arm64.
	Arch string
	// MediumVersion and Schematic are of the medium that the machine boots while nothing is installed.
	MediumVersion string
	Schematic     string
}

func (o Options) check() error {
	if o.Name == "" || strings.ContainsAny(o.Name, "/\\") || strings.HasPrefix(o.Name, ".") {
		return fmt.Errorf("machine name %q cannot name a folder", o.Name)
	}

	if !o.Address.IsLoopback() {
		return fmt.Errorf("machine %s: address %s is not a loopback address; the lab listens on those only", o.Name, o.Address)
	}

	if _, err := disk.FromImage("medium:" + o.MediumVersion); err != nil {
		return fmt.Errorf("machine %s: Talos version %q of its medium: write it like v1.13.3", o.Name, o.MediumVersion)
	}

	return nil
}

func (o Options) apiAddress() string {
	return netip.AddrPortFrom(o.Address, constants.ApidPort).String()
}

// portIsFree finds out early that another lab, or anything else, is in the way.
func portIsFree(address netip.Addr) error {
	listener, err := net.Listen("tcp", netip.AddrPortFrom(address, constants.ApidPort).String())
	if err != nil {
		return fmt.Errorf("its API port is taken: %w; stop what listens there (another lab?)", err)
	}

	return listener.Close()
}
