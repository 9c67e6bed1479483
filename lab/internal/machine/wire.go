package machine

import (
	"context"
	"errors"
	"net"
	"sync"
)

// wire is a machine's way to the network: when it is cut, all connections through it end and no new one is made.
type wire struct {
	mu    sync.Mutex
	cut   bool
	conns map[*wired]struct{}
}

// wired is a connection through the wire.
type wired struct {
	net.Conn
	wire *wire
}

// set cuts the wire, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	w.cut = cut

	var open []*wired

	if cut {
		for conn := range w.conns {
			open = append(open, conn)
		}
	}
	w.mu.Unlock()

	for _, conn := range open {
		_ = conn.Close() // it is lost anyway
	}
}

// through takes a connection; false where the wire is cut, and then it is closed.
func (w *wire) through(conn net.Conn) (net.Conn, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.cut {
		_ = conn.Close()

		return nil, false
	}

	if w.conns == nil {
		w.conns = map[*wired]struct{}{}
	}

	through := &wired{Conn: conn, wire: w}
	w.conns[through] = struct{}{}

	return through, true
}

// Close implements net.Conn.
func (c *wired) Close() error {
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()

	return c.Conn.Close()
}

// dial is net.Dialer's through the wire.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}

	through, ok := w.through(conn)
	if !ok {
		return nil, errors.New("the machine's network is cut")
	}

	return through, nil
}

// wiredListener accepts through a wire.
type wiredListener struct {
	net.Listener
	wire *wire
}

// Accept implements net.Listener: a connection to a machine whose wire is cut is dropped.
func (l wiredListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}

		if through, ok := l.wire.through(conn); ok {
			return through, nil
		}
	}
}
