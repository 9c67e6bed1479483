// Package progress tells a person who waits what is being done and for how long: a line that counts seconds on a terminal, plain lines elsewhere.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Reporter writes steps to one output.
type Reporter struct {
	out      io.Writer
	terminal bool
	width    func() int
	mu       sync.Mutex
}

// New reports to file, live where it is a terminal.
func New(file *os.File) *Reporter {
	fd := int(file.Fd())

	return &Reporter{out: file, terminal: term.IsTerminal(fd), width: func() int {
		width, _, err := term.GetSize(fd)
		if err != nil || width < 20 {
			return 80
		}

		return width
	}}
}

// Plain reports lines without control characters.
func Plain(out io.Writer) *Reporter { return &Reporter{out: out} }

// Terminal says whether the output is one.
func (r *Reporter) Terminal() bool { return r.terminal }

// Line writes one finished line.
func (r *Reporter) Line(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.clear()
	fmt.Fprintf(r.out, format+"\n", args...)
}

// Step does one long thing: "doing" is shown with the seconds counted while it lasts, and "done" with the time it took once it has worked.
func (r *Reporter) Step(doing, done string, do func() error) error {
	began := time.Now()
	stop := r.count(doing, began)
	err := do()

	stop()

	if err == nil {
		r.Line("%s in %s", done, Elapsed(time.Since(began)))
	}

	return err
}

// count shows the step until the function that it returns is called.
func (r *Reporter) count(doing string, began time.Time) (stop func()) {
	if !r.terminal {
		r.Line("%s", doing)

		return func() {}
	}

	ticker, ended, finished := time.NewTicker(time.Second), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)

		for {
			r.live(doing, time.Since(began))

			select {
			case <-ticker.C:
			case <-ended:
				return
			}
		}
	}()

	return func() {
		ticker.Stop()
		close(ended)
		<-finished
		r.mu.Lock()
		defer r.mu.Unlock()

		r.clear()
	}
}

func (r *Reporter) live(doing string, elapsed time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()

	line := fmt.Sprintf("%s %s", doing, Elapsed(elapsed.Truncate(time.Second)))
	if last := r.width() - 1; len(line) > last {
		line = line[:last]
	}

	r.clear()
	fmt.Fprint(r.out, line)
}

func (r *Reporter) clear() {
	if r.terminal {
		fmt.Fprint(r.out, "\r\x1b[K")
	}
}

// Count says how many there are of something: 1 node, 4 nodes.
func Count(number int, thing string) string {
	if number == 1 {
		return "1 " + thing
	}

	return fmt.Sprintf("%d %ss", number, thing)
}

// Elapsed renders a duration for a person: 0.4s, 12s, 4m12s.
func Elapsed(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}

	return d.Round(time.Second).String()
}
