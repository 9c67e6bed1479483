// Package factory simulates Image Factory: schematics, versions, extensions and overlays over HTTP, and which installer images it would build.
package factory

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/siderolabs/talos/pkg/machinery/imager/imageropts"
	"go.yaml.in/yaml/v4"
)

// Schematic is a customization of Talos's images. Its fields and their order are Image Factory's: the ID is a hash of their YAML.
type Schematic struct {
	Owner         string        `yaml:"owner,omitempty"`
	Overlay       Overlay       `yaml:"overlay,omitempty"`
	Customization Customization `yaml:"customization"`
}

// Overlay adapts an image to a single-board computer.
type Overlay struct {
	Image   string         `yaml:"image"`
	Name    string         `yaml:"name"`
	Options map[string]any `yaml:"options,omitempty"`
}

// Customization is what differs from plain Talos.
type Customization struct {
	EmbeddedMachineConfiguration string                    `yaml:"embeddedMachineConfiguration,omitempty"`
	ExtraKernelArgs              []string                  `yaml:"extraKernelArgs,omitempty"`
	Meta                         []Meta                    `yaml:"meta,omitempty"`
	SystemExtensions             Extensions                `yaml:"systemExtensions,omitempty"`
	Bootloader                   imageropts.BootloaderKind `yaml:"bootloader,omitempty"`
	SecureBoot                   SecureBoot                `yaml:"secureboot,omitempty"`
	DiskImage                    DiskImage                 `yaml:"diskImage,omitempty"`
}

// Meta is one value of the META partition.
type Meta struct {
	Key   uint8  `yaml:"key"`
	Value string `yaml:"value"`
}

// Extensions are the official system extensions in the image.
type Extensions struct {
	Official []string `yaml:"officialExtensions,omitempty"`
}

// SecureBoot customizes the SecureBoot images.
type SecureBoot struct {
	EnrollKeys                   string `yaml:"enrollKeys,omitempty"`
	IncludeWellKnownCertificates bool   `yaml:"includeWellKnownCertificates,omitempty"`
}

// DiskImage customizes the disk images.
type DiskImage struct {
	SectorSize uint `yaml:"sectorSize,omitempty"`
}

// Parse reads a schematic as strictly as Image Factory does: a field that it does not know is an error, and so is an empty text.
func Parse(text []byte) (*Schematic, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)

	schematic := &Schematic{}
	if err := decoder.Decode(schematic); err != nil {
		return nil, err
	}

	if schematic.Owner != "" {
		return nil, errors.New("owner field is only supported in Enterprise edition")
	}

	return schematic, nil
}

// Canonical is the text whose hash is the ID.
func (s *Schematic) Canonical() ([]byte, error) { return yaml.Marshal(s) }

// ID is the SHA-256 of the canonical text.
func (s *Schematic) ID() (string, error) {
	text, err := s.Canonical()
	if err != nil {
		return "", err
	}

	sum := sha256.Sum256(text)

	return hex.EncodeToString(sum[:]), nil
}
