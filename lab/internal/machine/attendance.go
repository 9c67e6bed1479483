package machine

import (
	"strings"
	"sync"
	"time"
)

// keptAbsences bounds what is told of a machine's past: far more than a day of upgrades makes.
const keptAbsences = 1000

// Absence is a time in which a machine that had been a running node was none.
type Absence struct {
	// Since is when its services began to stop, or its network or etcd member was lost.
	Since time.Time `json:"since"`
	// Until is when it ran again (a control plane node: with its etcd member), or ceased to be a node of its
	// cluster; none while it is away.
	Until *time.Time `json:"until,omitempty"`
	// Why it went: a sequence (reboot, upgrade, reset, shutdown), off, wiped, crashed, drop, or etcd and its state.
	Why string `json:"why"`
}

// attendance keeps when a machine was away. One that never ran as a node cannot be away.
type attendance struct {
	mu       sync.Mutex
	served   bool // it has been a running node
	leaving  bool // this boot goes down: it cannot come back by itself
	expelled bool // etcd's members do not count it any more
	absences []Absence
}

// booted begins a new boot, which may bring the node back.
func (a *attendance) booted() {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.leaving = false
}

// leave says that this boot is over for the cluster.
func (a *attendance) leave(why string) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.leaving = true
	a.begin(why)
}

// lostEtcd says that this boot's etcd is no member any more, whether or not its end was seen already.
func (a *attendance) lostEtcd() {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.leaving, a.expelled = true, true

	if last := len(a.absences) - 1; a.away() && strings.HasPrefix(a.absences[last].Why, etcdService) {
		a.absences[last].Why = "etcd lost"
	}

	a.begin("etcd lost")
}

// lost says that the node is not there for the cluster, though its machine runs.
func (a *attendance) lost(why string) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.begin(why)
}

// begin opens an absence unless one is open: the first reason stays.
func (a *attendance) begin(why string) {
	if !a.served || a.away() {
		return
	}

	a.absences = append(a.absences, Absence{Since: time.Now(), Why: why})

	if excess := len(a.absences) - keptAbsences; excess > 0 {
		a.absences = append([]Absence(nil), a.absences[excess:]...)
	}
}

// running says that the node serves its cluster.
func (a *attendance) running() {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.leaving {
		return
	}

	a.served, a.expelled = true, false
	a.end()
}

// removed says that etcd's members no longer count this node. Its etcd may look well for a moment longer, but this boot
// cannot bring it back. One that is down anyway is then missed by nobody.
func (a *attendance) removed(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.leaving, a.expelled = true, true
	if down {
		a.retire()
	}
}

// wiped says that the node's disk holds no node any more. A worker is then missed by nobody, and a control plane node
// only where etcd still counts it.
func (a *attendance) wiped(worker bool) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if worker || a.expelled {
		a.retire()
	}
}

func (a *attendance) retire() {
	a.served, a.expelled = false, false
	a.end()
}

func (a *attendance) end() {
	if a.away() {
		now := time.Now()
		a.absences[len(a.absences)-1].Until = &now
	}
}

func (a *attendance) away() bool {
	return len(a.absences) > 0 && a.absences[len(a.absences)-1].Until == nil
}

func (a *attendance) all() []Absence {
	a.mu.Lock()
	defer a.mu.Unlock()

	return append([]Absence{}, a.absences...)
}
