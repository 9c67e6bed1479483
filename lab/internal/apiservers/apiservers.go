// Package apiservers asks the API servers of a stack, as its administrator.
package apiservers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"phoebe.dev/lab/internal/controlplane"
)

const askTimeout = 5 * time.Second

// Server is the API server of one control plane node.
type Server struct {
	Address netip.AddrPort
	Config  config.Config
}

// Client speaks to one API server.
type Client struct {
	kubernetes.Interface
	Dynamic dynamic.Interface

	http    *http.Client
	cluster string // known by its CA
}

// Clients keeps one client per server.
type Clients struct {
	kept map[netip.AddrPort]*Client
}

// New has no clients yet. What it gets is to be closed.
func New() *Clients { return &Clients{kept: map[netip.AddrPort]*Client{}} }

// Ask puts a question to one server after the other, until one has answered it. Without any server nothing is asked.
func (c *Clients) Ask(ctx context.Context, servers []Server, question func(context.Context, *Client) error) error {
	var failures []error

	for _, server := range servers {
		err := c.ask(ctx, server, question)
		if err == nil {
			return nil
		}

		c.drop(server.Address)

		failures = append(failures, fmt.Errorf("asking %s: %w", server.Address, err))
	}

	return errors.Join(failures...)
}

func (c *Clients) ask(ctx context.Context, server Server, question func(context.Context, *Client) error) error {
	client, err := c.client(server)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()

	return question(ctx, client)
}

// client is made anew when the cluster behind an address is another.
func (c *Clients) client(server Server) (*Client, error) {
	var cluster string
	if ca := server.Config.Cluster().IssuingCA(); ca != nil {
		cluster = string(ca.Crt)
	}

	if kept, ok := c.kept[server.Address]; ok && kept.cluster == cluster {
		return kept, nil
	}

	c.drop(server.Address)

	access, err := controlplane.AdminRESTConfig(server.Config, "https://"+server.Address.String())
	if err != nil {
		return nil, err
	}

	connection, err := rest.HTTPClientFor(access)
	if err != nil {
		return nil, err
	}

	typed, err := kubernetes.NewForConfigAndClient(access, connection)
	if err != nil {
		return nil, err
	}

	untyped, err := dynamic.NewForConfigAndClient(access, connection)
	if err != nil {
		return nil, err
	}

	c.kept[server.Address] = &Client{Interface: typed, Dynamic: untyped, http: connection, cluster: cluster}

	return c.kept[server.Address], nil
}

func (c *Clients) drop(server netip.AddrPort) {
	if kept, ok := c.kept[server]; ok {
		kept.http.CloseIdleConnections()
		delete(c.kept, server)
	}
}

// Close ends all connections.
func (c *Clients) Close() {
	for server := range c.kept {
		c.drop(server)
	}
}
