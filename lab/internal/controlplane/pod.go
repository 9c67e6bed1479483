package controlplane

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

// pod is a static pod as a machine config asks for it.
type pod struct {
	image     string
	arguments []string
	env       []string
	// marks say what it is made from.
	marks map[string]string
	// files are what the program reads, by name in its folder.
	files map[string][]byte
	// certificates are the names in its serving certificate.
	certificates names
}

// hash tells two pods apart; it is not secret though the files may be.
func (p *pod) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %v %q", p.marks, p.image, p.arguments, p.env, p.certificates.addresses, p.certificates.dns)

	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		fmt.Fprintf(h, "%q %q", name, p.files[name])
	}

	return hex.EncodeToString(h.Sum(nil))
}

// version is the Kubernetes version in the image's tag, without "v".
func (p *pod) version() string { return imageVersion(p.image) }

func imageVersion(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")

	return strings.TrimPrefix(tag, "v")
}

func environment(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, key := range slices.Sorted(maps.Keys(env)) {
		list = append(list, key+"="+env[key])
	}

	return list
}

// component runs one static pod.
type component struct {
	service
	name   string
	folder folder
	binary func(Binaries) string
	// render makes the pod of a machine config; nil where the config disables it.
	render func(config.Config) (*pod, error)
	// place writes what is not in the pod's files: certificates and kubeconfigs.
	place    func(*pod) error
	binaries func(string) (Binaries, error)
	// marks are what the pod is made from now, by its name.
	marks func(string) map[string]string

	mutex sync.Mutex
	pod   *pod
}

// rendered is the pod of a machine config with the marks of now.
func (c *component) rendered(cfg config.Config) (*pod, error) {
	p, err := c.render(cfg)
	if err != nil || p == nil {
		return nil, err
	}

	p.marks = c.marks(c.name)

	return p, nil
}

// update takes a rendered pod and tells whether the program has to be started anew.
func (c *component) update(next *pod) (changed bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	changed = (c.pod == nil) != (next == nil) || next != nil && c.pod.hash() != next.hash()
	c.pod = next

	return changed
}

// command puts the pod's files in place and gives its command line.
func (c *component) command(context.Context) (command, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	if c.pod == nil {
		c.board.update(func(status *Status) { status.Image = "" })

		return command{}, fmt.Errorf("%s is disabled in the machine config", c.name)
	}

	c.board.update(func(status *Status) { status.Image, status.Marks = c.pod.image, c.pod.marks })

	programs, err := c.binaries(c.pod.version())
	if err != nil {
		return command{}, fmt.Errorf("image %s cannot be pulled: %w", c.pod.image, err)
	}

	for name, content := range c.pod.files {
		if err := c.folder.write(name, content); err != nil {
			return command{}, err
		}
	}

	if err := c.place(c.pod); err != nil {
		return command{}, err
	}

	return command{path: c.binary(programs), arguments: c.pod.arguments, env: c.pod.env}, nil
}

// probe asks a component's health endpoint, as a kubelet's probe does: without verifying its certificate.
func probe(address netip.AddrPort, path string, certificates ...tls.Certificate) func(context.Context) error {
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: certificates}, // a probe of its own process
	}}

	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("https://%s%s", address, path), nil)
		if err != nil {
			return err
		}

		response, err := client.Do(request)
		if err != nil {
			return err
		}

		defer response.Body.Close()

		if _, err = io.Copy(io.Discard, response.Body); err != nil {
			return err
		}

		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s", path, response.Status)
		}

		return nil
	}
}
