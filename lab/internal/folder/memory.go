package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Memory is what the lab remembers between commands, in lab.json.
type Memory struct {
	Factory string            `json:"factory"`           // host:port of the simulated Image Factory; it is in image names, so it stays
	Charts  string            `json:"charts"`            // host:port of the chart repository
	Current string            `json:"current,omitempty"` // the stack that was asked for last
	Plugins string            `json:"plugins,omitempty"` // --plugins, until the lab is stopped
	Archive string            `json:"archive,omitempty"` // --charts, until the lab is stopped
	Stacks  map[string]*Stack `json:"stacks"`
}

// Stack is one stack that was brought up in this lab.
type Stack struct {
	Active   bool              `json:"active"`               // runs, or ran when the daemon was lost
	Set      map[string]string `json:"set,omitempty"`        // --set, until the lab is stopped
	Endpoint string            `json:"endpoint,omitempty"`   // of the cluster, address:port
	Apps     []string          `json:"appFolders,omitempty"` // folders whose releases the chart repository serves
	Machines []Machine         `json:"machines,omitempty"`
}

// Machine is one simulated machine as it is bought: what it boots before anything is installed.
type Machine struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Arch    string `json:"arch"`
	Talos   string `json:"talos"` // version of the medium
}

// Stack is the memory of one stack, made where there is none.
func (m *Memory) Stack(name string) *Stack {
	if m.Stacks[name] == nil {
		m.Stacks[name] = &Stack{}
	}

	stack := m.Stacks[name]
	if stack.Set == nil {
		stack.Set = map[string]string{}
	}

	return stack
}

// Rest forgets what lasts only until the lab is stopped.
func (m *Memory) Rest() {
	m.Plugins, m.Archive = "", ""
	for _, stack := range m.Stacks {
		stack.Active, stack.Set = false, nil
	}
}

func (f Folder) memory() string { return f.join("lab.json") }

// Recall reads what the lab remembers; a new lab remembers nothing.
func (f Folder) Recall() (*Memory, error) {
	memory := &Memory{}

	content, err := os.ReadFile(f.memory())
	if err == nil {
		err = json.Unmarshal(content, memory)
	}

	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read %s: %w: mend it, or remove the lab with `npm run lab -- reset`", f.memory(), err)
	}

	if memory.Stacks == nil {
		memory.Stacks = map[string]*Stack{}
	}

	return memory, nil
}

// Remember writes it down.
func (f Folder) Remember(memory *Memory) error {
	content, err := json.MarshalIndent(memory, "", "  ")
	if err != nil {
		return err
	}

	return WriteFile(f.memory(), append(content, '\n'))
}
