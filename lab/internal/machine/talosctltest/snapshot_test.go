package talosctltest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
)

// bboltMagic is in the first page of a bbolt file, behind the page's header.
const bboltMagic = 0xED0CDAED

// verifySnapshot: a bbolt file, and behind it the SHA-256 of all of it.
func (l *lab) verifySnapshot(name string) {
	l.t.Helper()

	content, err := os.ReadFile(filepath.Join(l.dir, name))
	require.NoError(l.t, err)

	at := len(content) - sha256.Size
	require.Zero(l.t, at%512)
	require.EqualValues(l.t, bboltMagic, binary.LittleEndian.Uint32(content[16:]))

	sum := sha256.Sum256(content[:at])
	require.True(l.t, bytes.Equal(sum[:], content[at:]))
}
