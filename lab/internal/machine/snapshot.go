package machine

import (
	"time"

	"phoebe.dev/lab/internal/endpoint"
)

// keptHistory bounds what a snapshot tells of the past: the stages of some hundred boots.
const keptHistory = 2000

// Event is something that happened to a machine.
type Event struct {
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"`
	Message string    `json:"message"`
}

type history []Event

// Service is one service of a node.
type Service struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Healthy bool   `json:"healthy"`
	Message string `json:"message,omitempty"`
}

// Snapshot is how a machine is right now.
type Snapshot struct {
	Name         string `json:"name"`
	Address      string `json:"address"`
	Stage        string `json:"stage"`
	Ready        bool   `json:"ready"`
	Hostname     string `json:"hostname,omitempty"`
	Type         string `json:"type,omitempty"`
	TalosVersion string `json:"talosVersion,omitempty"`
	Schematic    string `json:"schematic,omitempty"`
	BootID       string `json:"bootID,omitempty"`
	Configured   bool   `json:"configured"`
	// Boots and Upgrades count since the lab was started.
	Boots    int       `json:"boots"`
	Upgrades int       `json:"upgrades"`
	Services []Service `json:"services"`
	Events   []Event   `json:"events"`
	// Absences are all times since the lab was started in which this node was missed.
	Absences []Absence `json:"absences"`
	// Faults are those that the machine has.
	Faults []string `json:"faults"`
}

// Snapshot tells how the machine is.
func (m *Machine) Snapshot() Snapshot {
	m.mu.Lock()
	s := Snapshot{
		Name:     m.options.Name,
		Address:  m.options.Address.String(),
		Stage:    m.stage,
		Services: []Service{},
		Events:   append([]Event{}, m.history...),
		Absences: m.attendance.all(),
		Faults:   m.faults.all(),
		Boots:    m.boots,
		Upgrades: m.upgrades,
	}
	b := m.current
	m.mu.Unlock()

	if b == nil {
		return s
	}

	s.BootID, s.TalosVersion, s.Schematic = b.id, b.system.Version, b.system.Schematic
	s.Services = b.services.snapshot()
	s.Ready = b.status.isReady()

	if node, ok := b.node(); ok {
		s.Configured, s.Hostname, s.Type = true, node.Hostname, node.Config.Machine().Type().String()
	}

	return s
}

// Backend is the machine as the cluster's endpoint sees it.
func (m *Machine) Backend() endpoint.Backend {
	backend := endpoint.Backend{Address: m.options.Address}

	if b := m.booted(); b != nil && !m.faults.has(FaultDrop) {
		if node, ok := b.node(); ok && b.isRunning() {
			backend.Config = node.Config
			backend.APIServing = b.servesKubernetes()
		}
	}

	return backend
}

func (m *Machine) setStage(stage string) {
	m.mu.Lock()
	same := m.stage == stage
	m.stage = stage
	m.mu.Unlock()

	if !same {
		m.note("stage", stage)
	}
}

// note adds to the history and tells the lab's log.
func (m *Machine) note(kind, message string) {
	m.mu.Lock()
	m.history = append(m.history, Event{Time: time.Now(), Kind: kind, Message: message})

	if excess := len(m.history) - keptHistory; excess > 0 {
		m.history = append(history(nil), m.history[excess:]...)
	}
	m.mu.Unlock()

	m.fabric.options.Log("%s: %s: %s", m.options.Name, kind, message)
	m.fabric.changed.notify()
}
