package factory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Factory keeps the schematics that were submitted.
type Factory struct {
	Dir  string // one file for each schematic
	Host string // host:port under which its images are named
}

// ErrNotFound says that a schematic was never submitted here.
var ErrNotFound = errors.New("schematic not found")

var idPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Put keeps a schematic and returns its ID.
func (f *Factory) Put(schematic *Schematic) (id string, canonical []byte, err error) {
	if canonical, err = schematic.Canonical(); err != nil {
		return "", nil, err
	}

	if id, err = schematic.ID(); err != nil {
		return "", nil, err
	}

	return id, canonical, os.WriteFile(filepath.Join(f.Dir, id), canonical, 0o600)
}

// Get is the schematic with an ID.
func (f *Factory) Get(id string) (*Schematic, error) {
	if !idPattern.MatchString(id) {
		return nil, ErrNotFound
	}

	text, err := os.ReadFile(filepath.Join(f.Dir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}

	if err != nil {
		return nil, err
	}

	return Parse(text)
}

// installer is the shape of the names of installer images: host/installer/id:version, with the platform and SecureBoot in front or behind.
var installer = regexp.MustCompile(`^([^/]+)/((?:[a-z0-9]+-)?installer(?:-secureboot)?)/([^/:]+):([^/:@]+)$`)

// Pullable says why a machine cannot pull an image, nil where it can. As at the real factory it is here, when the image is built, that an
// extension nobody knows is found out: the schematic that names it was accepted.
func (f *Factory) Pullable(ref string) error {
	if version, plain := strings.CutPrefix(ref, "ghcr.io/siderolabs/installer:"); plain {
		return released(ref, version)
	}

	if host, _, _ := strings.Cut(ref, "/"); host != f.Host {
		return nil
	}

	parts := installer.FindStringSubmatch(ref)
	if parts == nil {
		return fmt.Errorf("%s: name unknown: Image Factory has installer images alone", ref)
	}

	schematic, err := f.Get(parts[3])
	if err != nil {
		return fmt.Errorf("%s: %w: submit it to http://%s/schematics first", ref, err, f.Host)
	}

	if err := released(ref, parts[4]); err != nil {
		return err
	}

	for _, extension := range schematic.Customization.SystemExtensions.Official {
		if !hasExtension(extension) {
			return fmt.Errorf("%s: official extension %q is not available for Talos version %s", ref, extension, parts[4])
		}
	}

	return nil
}

func released(ref, version string) error {
	if !slices.Contains(Versions(), version) {
		return fmt.Errorf("%s: manifest unknown: the lab has Talos %s", ref, strings.Join(Versions(), ", "))
	}

	return nil
}
