// Package disk is what a simulated machine keeps while it is off: the system disk with
// its two boot slots, the STATE partition and the EPHEMERAL one, as a folder.
package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// System is an installed Talos: one boot slot.
type System struct {
	// Image the system was installed from; its tag and path are the next two.
	Image     string `json:"image"`
	Version   string `json:"version"`
	Schematic string `json:"schematic,omitempty"`
}

// Table is what the disk says about itself; the zero value is an empty disk.
type Table struct {
	// Device is the system disk, for example /dev/sda.
	Device string `json:"device,omitempty"`
	// Active boots next; Previous is the other slot, for a fallback.
	Active   *System `json:"active,omitempty"`
	Previous *System `json:"previous,omitempty"`
	// Staged is to be installed by the next boot.
	Staged *System `json:"staged,omitempty"`
}

// Disk is a machine's disk in a folder of the lab.
type Disk struct{ dir string }

// Open takes a folder, which may be empty or not there yet.
func Open(dir string) (*Disk, error) {
	d := &Disk{dir: dir}

	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("machine's folder: %w", err)
	}

	_, err := d.Table()

	return d, err
}

// Table reads what is installed.
func (d *Disk) Table() (Table, error) {
	var table Table

	path := filepath.Join(d.dir, "machine.json")

	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return table, nil
	}

	if err != nil {
		return table, err
	}

	if err := json.Unmarshal(data, &table); err != nil {
		return table, fmt.Errorf("%s: %w; remove the machine's folder to start with an empty disk", path, err)
	}

	return table, nil
}

// SetTable writes what is installed.
func (d *Disk) SetTable(table Table) error {
	data, err := json.MarshalIndent(table, "", "  ")
	if err != nil {
		return err
	}

	return write(filepath.Join(d.dir, "machine.json"), data)
}

// Wipe empties the whole disk.
func (d *Disk) Wipe() error {
	return errors.Join(d.WipeState(), d.WipeEphemeral(), remove(filepath.Join(d.dir, "machine.json")))
}

// WipeState empties the STATE partition: the machine config and the node's identity.
func (d *Disk) WipeState() error { return remove(d.State()) }

// WipeEphemeral empties the EPHEMERAL partition: etcd's data and the kubelet's.
func (d *Disk) WipeEphemeral() error { return remove(d.Ephemeral()) }

// State is the folder of the STATE partition.
func (d *Disk) State() string { return filepath.Join(d.dir, "state") }

// Ephemeral is the folder of the EPHEMERAL partition, which the node has at /var.
func (d *Disk) Ephemeral() string { return filepath.Join(d.dir, "ephemeral") }

// Run makes the folder of one boot, without what an earlier boot left there.
func (d *Disk) Run() (string, error) {
	dir := filepath.Join(d.dir, "run")

	if err := remove(dir); err != nil {
		return "", err
	}

	return dir, os.MkdirAll(dir, 0o700)
}

func remove(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("wiping: %w", err)
	}

	return nil
}

// write replaces a file whole: after a power cut it is the old one or the new one.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}

	temporary := path + ".new"
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return err
	}

	return os.Rename(temporary, path)
}
