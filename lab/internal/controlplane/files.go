package controlplane

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/siderolabs/crypto/x509"
)

// folder is a private directory of one component, in which paths are made and files written.
type folder string

// newFolder makes the directory, readable for this user alone.
func newFolder(elements ...string) (folder, error) {
	path := filepath.Join(elements...)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}

	return folder(path), os.Chmod(path, 0o700)
}

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

// write puts a file in place whole: a running process may be reading the old one.
func (f folder) write(name string, content []byte) error {
	temporary := f.path("." + name)
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}

	return os.Rename(temporary, f.path(name))
}

// writePair writes <name>.crt and <name>.key.
func (f folder) writePair(name string, pair *x509.PEMEncodedCertificateAndKey) error {
	if err := f.write(name+".crt", pair.Crt); err != nil {
		return err
	}

	return f.write(name+".key", pair.Key)
}
