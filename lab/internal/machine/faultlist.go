package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// faults are those that a machine has now. They are of the machine and not on its disk: neither a wipe nor an end of the
// lab mends it.
type faults struct {
	path    string
	changed signal

	mu   sync.Mutex
	list []Fault
}

func openFaults(path string) (*faults, error) {
	f := &faults{path: path}

	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}

	if err == nil {
		err = json.Unmarshal(data, &f.list)
	}

	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to have a machine without faults", path, err)
	}

	return f, nil
}

func (f *faults) has(fault Fault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()

	return slices.Contains(f.list, fault)
}

func (f *faults) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()

	all := []string{}
	for _, fault := range f.list {
		all = append(all, string(fault))
	}

	return all
}

func (f *faults) add(fault Fault) error {
	return f.change(func(list []Fault) []Fault {
		if slices.Contains(list, fault) {
			return list
		}

		return append(list, fault)
	})
}

func (f *faults) remove(fault Fault) error {
	return f.change(func(list []Fault) []Fault {
		return slices.DeleteFunc(list, func(other Fault) bool { return other == fault })
	})
}

// useUp takes a fault that is for one boot, and tells whether there was one.
func (f *faults) useUp(fault Fault) (bool, error) {
	if !f.has(fault) {
		return false, nil
	}

	return true, f.remove(fault)
}

func (f *faults) change(how func([]Fault) []Fault) error {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.list = how(slices.Clone(f.list))
	f.changed.notify()

	data, err := json.Marshal(f.list)
	if err != nil {
		return err
	}

	return os.WriteFile(f.path, data, 0o600)
}
