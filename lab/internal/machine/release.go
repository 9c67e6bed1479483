package machine

import (
	"golang.org/x/mod/semver"
)

// release is a version of Talos, as it behaves. Pre-releases behave as the release that they lead to.
type release string

// since tells whether it is of a minor version ("v1.13") or newer.
func (r release) since(minor string) bool {
	return semver.Compare(semver.MajorMinor(string(r)), minor) >= 0
}

// hasLifecycle: LifecycleService and ImageService are there; before, a client upgrades by the older call.
func (r release) hasLifecycle() bool { return r.since("v1.13") }

// rebootsOnApply: a config that needs a reboot reboots the node. Later it waits for the next boot, and nothing says so:
// neither a dry run nor a resource.
func (r release) rebootsOnApply() bool { return !r.since("v1.14") }

// preserveSkipsEtcd: the older upgrade call does not look at etcd if it is to preserve data. (1.13.0 to 1.13.3 had lost that.)
func (r release) preserveSkipsEtcd() bool {
	return !r.since("v1.13") || semver.Compare(string(r), "v1.13.4") >= 0
}

// release is what the machine runs.
func (b *boot) release() release { return release(b.system.Version) }
