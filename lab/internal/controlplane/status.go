package controlplane

// State is a service's state, in Talos's words.
type State string

// Talos's service states.
const (
	Initialized State = "Initialized"
	Preparing   State = "Preparing"
	Waiting     State = "Waiting"
	Running     State = "Running"
	Stopping    State = "Stopping"
	Finished    State = "Finished"
	Failed      State = "Failed"
)

// Status tells how one service is. Name is "etcd" or a static pod's name.
type Status struct {
	Name    string
	State   State
	Healthy bool
	Message string
}
