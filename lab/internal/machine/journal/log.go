package journal

import (
	"bytes"
	"context"
	"sync"
)

// A log is cut down to keptBytes when it has grown to maxBytes: seldom, as it is a copy.
const (
	keptBytes = 512 << 10
	maxBytes  = 2 * keptBytes
)

// Log is one service's log: whole lines, the oldest are dropped.
type Log struct {
	mu      sync.Mutex
	start   int // position of data[0] in the whole log
	data    []byte
	changed chan struct{}
}

// NewLog makes an empty log.
func NewLog() *Log { return &Log{changed: make(chan struct{})} }

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.data = append(l.data, p...)

	if len(l.data) > maxBytes {
		excess := len(l.data) - keptBytes
		if newline := bytes.IndexByte(l.data[excess:], '\n'); newline >= 0 {
			excess += newline + 1
		}

		l.data = append([]byte(nil), l.data[excess:]...)
		l.start += excess
	}

	close(l.changed)
	l.changed = make(chan struct{})

	return len(p), nil
}

// End is the position after the last byte.
func (l *Log) End() int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.start + len(l.data)
}

// Tail is the position at which the last lines begin; negative means all of them.
func (l *Log) Tail(lines int) int {
	l.mu.Lock()
	defer l.mu.Unlock()

	if lines < 0 {
		return l.start
	}

	at := len(bytes.TrimSuffix(l.data, []byte("\n")))
	if lines == 0 {
		return l.start + len(l.data)
	}

	for range lines {
		at = bytes.LastIndexByte(l.data[:max(at, 0)], '\n')
		if at < 0 {
			return l.start
		}
	}

	return l.start + at + 1
}

// Read gives what was written since a position, and the position after it.
func (l *Log) Read(position int) ([]byte, int, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()

	position = max(position, l.start)
	data := bytes.Clone(l.data[position-l.start:])

	return data, position + len(data), l.changed
}

// Stream sends the log from a position on; with follow it goes on until ctx ends.
func (l *Log) Stream(ctx context.Context, position int, follow bool, send func([]byte) error) error {
	for {
		data, next, changed := l.Read(position)
		position = next

		if len(data) > 0 {
			if err := send(data); err != nil {
				return err
			}
		}

		if !follow {
			return nil
		}

		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}
