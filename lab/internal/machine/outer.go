package machine

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"phoebe.dev/lab/internal/machine/apid"
)

// listenRetry is how often the API port is tried again while it is taken.
const listenRetry = 100 * time.Millisecond

// serveMaintenance opens the API that asks for no certificate.
func (b *boot) serveMaintenance(ctx context.Context) (stop func(), err error) {
	config, err := apid.MaintenanceTLS(b.ip())
	if err != nil {
		return nil, err
	}

	return b.serveAPI(ctx, apid.Options{
		Maintenance: true,
		ServerTLS:   func() *tls.Config { return config },
		Local:       b.local,
	})
}

// serveConfigured opens the API with mutual TLS; the credentials may change while it is open.
func (b *boot) serveConfigured(ctx context.Context) (stop func(), err error) {
	options := apid.Options{
		ServerTLS: func() *tls.Config { return b.credentials.Load().Server },
		IsLocal:   b.isLocal,
		Local:     b.local,
	}

	if b.credentials.Load().Client != nil {
		options.ClientTLS = func() *tls.Config { return b.credentials.Load().Client }
	}

	return b.serveAPI(ctx, options)
}

func (b *boot) serveAPI(ctx context.Context, options apid.Options) (stop func(), err error) {
	listener, err := b.listen(ctx)
	if err != nil {
		return nil, err
	}

	s := apid.New(options)

	go func() { _ = s.Serve(listener) }() // it ends with Stop

	return s.Stop, nil
}

// listen takes the API port; a port that is just being given back is waited for.
func (b *boot) listen(ctx context.Context) (net.Listener, error) {
	for {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", b.machine.options.apiAddress())
		if err == nil {
			return wiredListener{listener, &b.machine.wire}, nil
		}

		if ctx.Err() != nil {
			return nil, ctx.Err()
		}

		b.logs.Printf("apid: %v", err)

		select {
		case <-time.After(listenRetry):
		case <-ctx.Done():
			return nil, fmt.Errorf("apid: %w", err)
		}
	}
}

func (b *boot) isLocal(target string) bool {
	node, ok := b.node()

	return target == b.machine.options.Address.String() || ok && (target == node.Hostname || target == node.Nodename)
}
