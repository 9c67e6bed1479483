package journal

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Logs are all logs of one boot.
type Logs struct {
	// Kernel is what dmesg shows, one message a line.
	Kernel *Log

	mu       sync.Mutex
	services map[string]*Log
}

// NewLogs makes the logs of a boot.
func NewLogs() *Logs { return &Logs{Kernel: NewLog(), services: map[string]*Log{}} }

// Service gives a service's log to read; it is nil where the service never ran.
func (l *Logs) Service(name string) *Log {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.services[name]
}

// Writer gives a service's log to write.
func (l *Logs) Writer(name string) io.Writer {
	l.mu.Lock()
	defer l.mu.Unlock()

	log, ok := l.services[name]
	if !ok {
		log = NewLog()
		l.services[name] = log
	}

	return log
}

// Names of the services that have a log.
func (l *Logs) Names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()

	return slices.Sorted(maps.Keys(l.services))
}

// Printf writes a line as Talos's init does: to dmesg and to machined's own log.
func (l *Logs) Printf(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	now := time.Now()

	fmt.Fprintf(l.Kernel, "user: warning: [%s]: [talos] %s\n", now.Format(time.RFC3339Nano), message)
	fmt.Fprintf(l.Writer("machined"), "[talos] %s %s\n", now.Format("2006/01/02 15:04:05.000000"), message)
}
