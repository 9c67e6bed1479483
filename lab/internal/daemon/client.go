package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/machine"
)

// Client gives orders to a lab's daemon.
type Client struct{ http http.Client }

// Dial is a client of the daemon in a folder; whether that runs shows with the first order.
func Dial(f folder.Folder) *Client {
	return &Client{http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer

		connection, err := dialer.DialContext(ctx, "unix", f.Socket())
		if err != nil {
			return nil, fmt.Errorf("no lab runs in %s: start it with `npm run lab` (%w)", f.Path, err)
		}

		return connection, nil
	}}}}
}

// Machines tells how the machines are.
func (c *Client) Machines(ctx context.Context) (snapshots []machine.Snapshot, err error) {
	body, err := c.order(ctx, http.MethodGet, "/machines")
	if err != nil {
		return nil, err
	}

	return snapshots, json.Unmarshal(body, &snapshots)
}

// Fault has something go wrong with a machine, or mends it.
func (c *Client) Fault(ctx context.Context, name string, kind machine.Fault) error {
	_, err := c.order(ctx, http.MethodPost, "/machines/"+url.PathEscape(name)+"/fault/"+url.PathEscape(string(kind)))

	return err
}

// Refresh has the daemon look at the lab's memory again.
func (c *Client) Refresh(ctx context.Context) error {
	_, err := c.order(ctx, http.MethodPost, "/refresh")

	return err
}

func (c *Client) order(ctx context.Context, method, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://lab"+path, nil)
	if err != nil {
		return nil, err
	}

	response, err := c.http.Do(request)

	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return nil, wrapped.Err
	}

	if err != nil {
		return nil, err
	}

	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(strings.TrimSpace(string(body)))
	}

	return body, err
}
