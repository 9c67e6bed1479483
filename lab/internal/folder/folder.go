// Package folder is the lab's own folder: where each thing of it lies, and what it remembers.
package folder

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Folder holds all state of one lab.
type Folder struct{ Path string }

// Open makes the folder where it is missing; only its owner can look into it.
func Open(path string) (Folder, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return Folder{}, err
	}

	f := Folder{Path: absolute}
	for _, directory := range []string{f.Path, f.Logs(), f.Machines(), f.Factory(), f.Home(), f.State(), f.Commands()} {
		if err := os.MkdirAll(directory, 0o700); err != nil {
			return Folder{}, err
		}
	}
	// Sockets have names of 107 bytes at most.
	if len(f.Socket()) > 107 {
		return Folder{}, fmt.Errorf("%s: the path is too long for a socket (%d bytes, at most 107): choose a shorter one with --dir", f.Socket(), len(f.Socket()))
	}

	return f, os.Chmod(f.Path, 0o700)
}

func (f Folder) join(name string) string { return filepath.Join(f.Path, name) }

// Logs of the daemon and of the processes of the machines.
func (f Folder) Logs() string { return f.join("logs") }

// Machines holds the disks of the simulated machines.
func (f Folder) Machines() string { return f.join("machines") }

// Factory holds the schematics that were submitted.
func (f Folder) Factory() string { return f.join("factory") }

// Backups holds the etcd snapshots of its clusters.
func (f Folder) Backups() string { return f.join("backups") }

// Home is PULUMI_HOME.
func (f Folder) Home() string { return f.join("pulumi") }

// State is Pulumi's file backend.
func (f Folder) State() string { return f.join("state") }

// Commands is put on PATH: links to the tools of this lab.
func (f Folder) Commands() string { return f.join("commands") }

// Socket is where the daemon takes orders.
func (f Folder) Socket() string { return f.join("control.sock") }

// PID is the file that names the daemon's process.
func (f Folder) PID() string { return f.join("daemon.pid") }

// Kubeconfig of the stack that was brought up last.
func (f Folder) Kubeconfig() string { return f.join("kubeconfig") }

// Talosconfig of the stack that was brought up last.
func (f Folder) Talosconfig() string { return f.join("talosconfig") }

// StackFile is the derived configuration of a stack.
func (f Folder) StackFile(stack string) string { return f.join("Pulumi." + stack + ".yaml") }

// PassphraseFile encrypts the secrets in the state.
func (f Folder) PassphraseFile() string { return f.join("passphrase") }

// Values stands in the place of 1Password: a value for each reference.
func (f Folder) Values() string { return f.join("values.json") }

// EnsurePassphrase makes the passphrase once: with another one the state could not be read any more.
func (f Folder) EnsurePassphrase() error {
	if info, err := os.Stat(f.PassphraseFile()); err == nil && info.Size() > 0 {
		return os.Chmod(f.PassphraseFile(), 0o600)
	}

	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return err
	}

	return WriteFile(f.PassphraseFile(), []byte(base64.RawURLEncoding.EncodeToString(random)))
}

// ErrBusy says that another command is at work on the lab.
var ErrBusy = errors.New("another lab command is at work in this folder: wait until it has ended, or interrupt it")

// Lock keeps other commands from changing the lab until the function that it returns is called, or until this process ends in any way.
func (f Folder) Lock() (release func(), err error) {
	file, err := os.OpenFile(f.join("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}

	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = file.Close()

		return nil, fmt.Errorf("%s: %w", f.Path, ErrBusy)
	}

	return func() { file.Close() }, nil
}

// WriteFile replaces a file as a whole, readable by its owner alone.
func WriteFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())

	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}

	return os.Rename(file.Name(), path)
}
