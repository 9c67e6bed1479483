package controlplane

import (
	"sync"
	"time"
)

// late does the last thing that it is given after a while, unless it is ended before.
type late struct {
	mutex sync.Mutex
	timer *time.Timer
	ended bool
}

// do replaces what is yet to be done. Without a while it is done at once.
func (l *late) do(after time.Duration, what func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	if l.timer != nil {
		l.timer.Stop()
	}

	if l.ended {
		return
	}

	if after == 0 {
		what()

		return
	}

	l.timer = time.AfterFunc(after, func() {
		l.mutex.Lock()
		defer l.mutex.Unlock()

		if !l.ended {
			what()
		}
	})
}

func (l *late) end() {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	l.ended = true
}
