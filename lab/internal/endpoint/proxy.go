package endpoint

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const dialTimeout = 2 * time.Second

// proxy forwards TCP connections at the endpoint to API servers. It listens only while there are any.
type proxy struct {
	endpoint netip.AddrPort
	output   io.Writer

	mutex       sync.Mutex
	listener    net.Listener
	servers     []netip.AddrPort
	connections map[net.Conn]netip.AddrPort
	ended       sync.WaitGroup
}

// serve forwards to the given servers from now on.
func (p *proxy) serve(servers []netip.AddrPort) error {
	if len(servers) == 0 {
		p.close()

		return nil
	}

	p.mutex.Lock()
	defer p.mutex.Unlock()

	p.servers = servers
	for connection, server := range p.connections {
		if !slices.Contains(servers, server) {
			_ = connection.Close()
		}
	}

	if p.listener != nil {
		return nil
	}

	listener, err := net.Listen("tcp", p.endpoint.String())
	if err != nil {
		return err
	}

	p.listener, p.connections = listener, map[net.Conn]netip.AddrPort{}

	fmt.Fprintf(p.output, "endpoint %s answers, by %v\n", p.endpoint, servers)
	p.ended.Go(func() { p.accept(listener) })

	return nil
}

func (p *proxy) accept(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				fmt.Fprintf(p.output, "endpoint %s: %s\n", p.endpoint, err)
			}

			return
		}

		p.ended.Go(func() { p.forward(connection) })
	}
}

// forward joins a connection to the first server that takes it.
func (p *proxy) forward(from net.Conn) {
	defer from.Close()

	p.mutex.Lock()
	servers := p.servers
	p.mutex.Unlock()

	for _, server := range servers {
		to, err := net.DialTimeout("tcp", server.String(), dialTimeout)
		if err != nil {
			continue
		}
		defer to.Close()

		if !p.track(from, server) {
			return
		}
		defer p.untrack(from)

		done := make(chan struct{}, 2)
		relay := func(dst, src net.Conn) {
			_, _ = io.Copy(dst, src) // either side's end ends both

			done <- struct{}{}
		}

		go relay(to, from)
		go relay(from, to)

		<-done

		return
	}
}

func (p *proxy) track(connection net.Conn, server netip.AddrPort) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	if p.connections == nil {
		return false
	}

	p.connections[connection] = server

	return true
}

func (p *proxy) untrack(connection net.Conn) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	delete(p.connections, connection)
}

// close stops listening and ends all connections, as when the address is no longer announced.
func (p *proxy) close() {
	p.mutex.Lock()
	listener := p.listener

	if listener != nil {
		_ = listener.Close()

		for connection := range p.connections {
			_ = connection.Close()
		}

		fmt.Fprintf(p.output, "endpoint %s no longer answers\n", p.endpoint)
	}

	p.listener, p.connections = nil, nil
	p.mutex.Unlock()
	p.ended.Wait()
}
