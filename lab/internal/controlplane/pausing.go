package controlplane

import (
	"sync"
	"syscall"
)

// pausing holds a service's program still: the kernel goes on to take connections for it, and nobody answers them.
type pausing struct {
	mutex   sync.Mutex
	paused  bool
	process *process
}

// set pauses the program, and those that are started later, or lets it go on.
func (p *pausing) set(paused bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	was := p.paused
	p.paused = paused

	if was != paused {
		p.signal()
	}
}

// attach takes the program that runs now; nil for none.
func (p *pausing) attach(running *process) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	p.process = running
	if p.paused {
		p.signal()
	}
}

func (p *pausing) signal() {
	if p.process == nil {
		return
	}

	signal := syscall.SIGCONT
	if p.paused {
		signal = syscall.SIGSTOP
	}

	_ = p.process.cmd.Process.Signal(signal) // it may have ended by itself
}
