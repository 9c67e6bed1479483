package talosprovider

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// target is a machine and how it is reached. Its fields are inputs of everything that speaks to a machine.
type target struct {
	Node                string              `json:"node"`
	Endpoint            string              `json:"endpoint"`
	ClientConfiguration ClientConfiguration `json:"clientConfiguration"`
	Timeouts            Timeouts            `json:"timeouts,omitzero"`
}

// Timeouts say how long to try, each a Go duration.
type Timeouts struct {
	Create string `json:"create,omitempty"`
	Update string `json:"update,omitempty"`
	Delete string `json:"delete,omitempty"`
	Read   string `json:"read,omitempty"`
}

// operation is what is done with a machine; its context names the node.
type operation func(ctx context.Context, c *client.Client) error

// do speaks to the machine without a certificate if it answers so, as it does in maintenance mode, and with it otherwise.
func (t target) do(ctx context.Context, what operation) error {
	endpoint := t.Endpoint
	if endpoint == "" {
		endpoint = t.Node
	}

	ctx = client.WithNode(ctx, t.Node)

	c, err := insecureClient(ctx, endpoint)
	if err != nil {
		return err
	}

	if _, err = c.Disks(ctx); err != nil {
		_ = c.Close() // nothing was sent on it

		config, configErr := t.ClientConfiguration.talosconfig("dynamic")
		if configErr != nil {
			return configErr
		}

		if c, err = client.New(ctx, client.WithConfig(config), client.WithEndpoints(endpoint)); err != nil {
			return err
		}
	}

	defer c.Close()

	return what(ctx, c)
}

// retry does it again and again until it is done, refused as invalid, or the time is over: then it gives the last error.
func (t target) retry(ctx context.Context, timeout string, what operation) error {
	limit, err := timeoutOr(timeout, defaultTimeout)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	intervals := backoff.NewExponentialBackOff()
	intervals.InitialInterval, intervals.MaxInterval = firstRetry, lastRetry
	intervals.Multiplier, intervals.RandomizationFactor = 2, 0

	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		tryErr := t.do(ctx, what)
		if status.Code(tryErr) == codes.InvalidArgument {
			return struct{}{}, backoff.Permanent(tryErr)
		}

		return struct{}{}, tryErr
	}, backoff.WithBackOff(intervals), backoff.WithMaxElapsedTime(limit))
	if err != nil {
		return fmt.Errorf("node %s: %w", t.Node, err)
	}

	return nil
}

// How long is tried where no timeout says so, and how long it waits in between.
const (
	defaultTimeout = 10 * time.Minute
	firstRetry     = 500 * time.Millisecond
	lastRetry      = 10 * time.Second
)

// timeoutOr reads a Go duration.
func timeoutOr(text string, otherwise time.Duration) (time.Duration, error) {
	if text == "" {
		return otherwise, nil
	}

	limit, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("the timeout %q is not a duration such as 10m: %w", text, err)
	}

	return limit, nil
}

func insecureClient(ctx context.Context, endpoint string) (*client.Client, error) {
	// In maintenance mode a machine has no certificate that anyone could know.
	return client.New(ctx, client.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), client.WithEndpoints(endpoint))
}

// talosconfig is a talosconfig with one context.
func (c ClientConfiguration) talosconfig(context string) (*clientconfig.Config, error) {
	decoded := [3][]byte{}

	for index, text := range []string{c.CACertificate, c.ClientCertificate, c.ClientKey} {
		var err error
		if decoded[index], err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("clientConfiguration is not base64 of PEM: %w", err)
		}
	}

	return clientconfig.NewConfig(context, nil, decoded[0],
		&x509.PEMEncodedCertificateAndKey{Crt: decoded[1], Key: decoded[2]}), nil
}

// withEndpoint defaults the endpoint to the node.
func withEndpoint(inputs property.Map) property.Map {
	return orDefault(inputs, "endpoint", inputs.Get("node"))
}
