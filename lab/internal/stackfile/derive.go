package stackfile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"phoebe.dev/lab/internal/addresses"
)

// Lab is what a lab adds to a stack's configuration.
type Lab struct {
	ImageFactoryURL string
	ChartMirror     string
	BackupDir       string            // inside the project; "" leaves the declared one
	Set             map[string]string // by key, over all else
}

// Derive moves the file into the lab. The values that were set come first, so that their addresses move too; what would leave this machine
// afterwards is refused.
func (f *File) Derive(lab Lab) (*Declared, error) {
	f.forgetOwner()
	f.Set("imageFactoryUrl", lab.ImageFactoryURL)
	f.Set("chartMirror", lab.ChartMirror)

	if lab.BackupDir != "" {
		f.Set("backupDir", lab.BackupDir)
	}

	keys := make([]string, 0, len(lab.Set))
	for key := range lab.Set {
		keys = append(keys, key)
	}

	slices.Sort(keys)

	for _, key := range keys {
		if err := f.Set(key, lab.Set[key]); err != nil {
			return nil, err
		}
	}

	if secrets := f.secrets(); len(secrets) > 0 {
		return nil, fmt.Errorf("%s holds %s encrypted, which the lab cannot read: give it values of its own with --set <key>=<value>", f.path, strings.Join(secrets, ", "))
	}

	if err := errors.Join(f.moveNodes(), f.moveEndpoint()); err != nil {
		return nil, err
	}

	for _, key := range []string{"imageFactoryUrl", "chartMirror"} {
		if err := f.refuseElsewhere(key); err != nil {
			return nil, err
		}
	}

	return f.declared()
}

func (f *File) moveNodes() error {
	nodes := f.get("nodes")
	if nodes == nil || nodes.Kind != yaml.SequenceNode || len(nodes.Content) == 0 {
		return fmt.Errorf("%s: %snodes is not a list of nodes", f.path, namespace)
	}

	for i, node := range nodes.Content {
		address := lookup(node, "address")
		if address == nil {
			return fmt.Errorf("%s: %snodes[%d] has no address", f.path, namespace, i)
		}

		moved, err := move(address.Value)
		if err != nil {
			return fmt.Errorf("%s: %snodes[%d].address: %w", f.path, namespace, i, err)
		}

		address.Value = moved.String()
	}

	return nil
}

func (f *File) moveEndpoint() error {
	endpoint := f.get("endpoint")
	if endpoint == nil {
		return fmt.Errorf("%s: %sendpoint is missing", f.path, namespace)
	}

	parsed, err := url.Parse(endpoint.Value)
	if err != nil || parsed.Port() == "" {
		return fmt.Errorf("%s: %sendpoint: %q is not https://<address>:<port>", f.path, namespace, endpoint.Value)
	}

	moved, err := move(parsed.Hostname())
	if err != nil {
		return fmt.Errorf("%s: %sendpoint: %w", f.path, namespace, err)
	}

	parsed.Host = net.JoinHostPort(moved.String(), parsed.Port())
	endpoint.Value = parsed.String()

	return nil
}

func move(declared string) (netip.Addr, error) {
	address, err := netip.ParseAddr(declared)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%q is not an IP address, and the lab can move no other to this machine: give one with --set", declared)
	}

	moved := addresses.Move(address)
	if !moved.Is4() || !moved.IsLoopback() {
		return netip.Addr{}, fmt.Errorf("%q has no place in 127.0.0.0/8: the lab can move IPv4 addresses alone", declared)
	}

	return moved, nil
}

// refuseElsewhere keeps the lab's traffic on this machine.
func (f *File) refuseElsewhere(key string) error {
	parsed, err := url.Parse(f.text(key))
	if err != nil {
		return fmt.Errorf("%s%s: %w", namespace, key, err)
	}

	address, err := netip.ParseAddr(parsed.Hostname())
	if err != nil || !address.Is4() || !address.IsLoopback() {
		return fmt.Errorf("%s%s is %s, which is not an address in 127.0.0.0/8: the lab reaches nothing outside this machine", namespace, key, f.text(key))
	}

	return nil
}

// CarrySalt takes over from the file that was derived before what Pulumi wrote there to read its secrets again.
func (f *File) CarrySalt(derived string) error {
	content, err := os.ReadFile(derived)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}

	if err != nil {
		return err
	}

	var before struct {
		Salt string `yaml:"encryptionsalt"`
	}
	if err := yaml.Unmarshal(content, &before); err != nil {
		return fmt.Errorf("%s: %w: remove it, the lab writes it anew", derived, err)
	}

	if before.Salt != "" {
		assign(f.document.Content[0], "encryptionsalt", &yaml.Node{Kind: yaml.ScalarNode, Value: before.Salt})
	}

	return nil
}
