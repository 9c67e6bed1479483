package disk

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// Config loads the machine config from STATE; nil where there is none.
func (d *Disk) Config() (config.Provider, error) {
	data, err := os.ReadFile(filepath.Join(d.State(), "config.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}

	if err != nil {
		return nil, err
	}

	return configloader.NewFromBytes(data)
}

// SetConfig stores the machine config in STATE.
func (d *Disk) SetConfig(cfg config.Provider) error {
	data, err := cfg.Bytes()
	if err != nil {
		return err
	}

	return write(filepath.Join(d.State(), "config.yaml"), data)
}

// NodeID is the node's random identity: made once, kept in STATE.
func (d *Disk) NodeID() (string, error) {
	path := filepath.Join(d.State(), "node-identity")

	data, err := os.ReadFile(path)
	if err == nil {
		return string(data), nil
	}

	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}

	id := rand.Text()

	return id, write(path, []byte(id))
}
