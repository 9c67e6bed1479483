package controlplane

import (
	"context"
	"fmt"
	"io"
	"time"
)

const (
	checkPeriod        = 200 * time.Millisecond // until a service is healthy
	healthyCheckPeriod = 2 * time.Second
	checkTimeout       = 2 * time.Second
	firstBackoff       = time.Second
	longestBackoff     = 30 * time.Second
)

// service keeps one program running: it is started again after a crash, later and later while
// it keeps crashing, and at once when restart is called.
type service struct {
	board  *board
	output io.Writer
	grace  time.Duration
	// prepare makes the command anew for each start; its error says what the service waits for.
	prepare func(context.Context) (command, error)
	// started is called after each start; nil where nothing has to be done.
	started func(context.Context)
	check   func(context.Context) error
	wake    chan struct{}
	pausing pausing
}

// restart stops the program and starts it as prepare then says. One that was never started starts so anyway.
func (s *service) restart() {
	if s.board.get().State == Initialized {
		return
	}

	s.board.set(Preparing, "Configuration changed")

	select {
	case s.wake <- struct{}{}:
	default: // a restart is already asked for
	}
}

// run blocks until ctx ends and the program has.
func (s *service) run(ctx context.Context) {
	backoff := firstBackoff

	for ctx.Err() == nil {
		healthy := s.once(ctx)
		if healthy {
			backoff = firstBackoff
		}

		select {
		case <-ctx.Done():
		case <-s.wake:
			backoff = firstBackoff
		case <-time.After(backoff):
			backoff = min(2*backoff, longestBackoff)
		}
	}

	s.board.set(Finished, "Service finished successfully")
}

// once runs the program until it ends or has to; it tells whether it was healthy in between.
func (s *service) once(ctx context.Context) bool {
	s.board.set(Preparing, "Running pre state")

	select {
	case <-s.wake: // what was asked for until now is in what prepare gives
	default:
	}

	c, err := s.prepare(ctx)
	if err != nil {
		s.board.set(Waiting, err.Error())

		return false
	}

	p, err := start(c, s.output)
	if err != nil {
		s.board.set(Failed, fmt.Sprintf("cannot be started: %s", err))

		return false
	}

	s.board.update(func(status *Status) {
		status.State, status.Healthy, status.Arguments = Running, false, c.arguments
		status.Message = fmt.Sprintf("Started with PID %d", p.cmd.Process.Pid)
	})

	s.pausing.attach(p)
	defer s.pausing.attach(nil)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	if s.started != nil {
		go s.started(ctx)
	}

	return s.watch(ctx, p)
}

// watch checks the running program's health until it ends or has to.
func (s *service) watch(ctx context.Context, p *process) (healthy bool) {
	defer s.board.update(func(status *Status) { status.Arguments = nil })

	results := make(chan error, 1)
	check := func() {
		checkCtx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()

		results <- s.check(checkCtx)
	}

	for next := time.After(0); ; {
		select {
		case <-next:
			next = nil

			go check()
		case err := <-results:
			period := healthyCheckPeriod
			if err != nil {
				period = checkPeriod
			}

			s.board.health(err)

			healthy, next = healthy || err == nil, time.After(period)
		case <-p.done:
			s.board.set(Failed, "Process ended: "+p.reason())

			return healthy
		case <-ctx.Done():
			s.board.set(Stopping, "Sending SIGTERM")
			p.stop(s.grace)

			return healthy
		case <-s.wake:
			s.board.set(Stopping, "Sending SIGTERM: the configuration changed")
			p.stop(s.grace)
			// The loop in run starts it again without waiting.
			s.restart()

			return healthy
		}
	}
}
