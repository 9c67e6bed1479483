package disk

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/blang/semver/v4"
)

// schematicID is an Image Factory schematic's ID: a SHA-256 in hexadecimal.
var schematicID = regexp.MustCompile(`^[0-9a-f]{64}$`)

// FromImage tells what an installer image installs: its tag is Talos's version, and an
// Image Factory path ends in the schematic's ID.
func FromImage(image string) (System, error) {
	name, _, _ := strings.Cut(image, "@")

	repository, tag, found := cutLast(name, ":")
	if !found || strings.Contains(tag, "/") {
		return System{}, fmt.Errorf("installer image %q has no tag: the tag is the Talos version to install", image)
	}

	if _, err := semver.ParseTolerant(tag); err != nil || !strings.HasPrefix(tag, "v") {
		return System{}, fmt.Errorf("installer image %q: tag %q is no Talos version such as v1.13.3", image, tag)
	}

	system := System{Image: image, Version: tag}

	if _, last, found := cutLast(repository, "/"); found && schematicID.MatchString(last) {
		system.Schematic = last
	}

	return system, nil
}

func cutLast(s, separator string) (before, after string, found bool) {
	if at := strings.LastIndex(s, separator); at >= 0 {
		return s[:at], s[at+len(separator):], true
	}

	return s, "", false
}
