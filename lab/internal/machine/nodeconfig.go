package machine

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/config"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"

	"phoebe.dev/lab/internal/machine/resources"
)

// setConfig makes a complete machine config the active one.
func (b *boot) setConfig(ctx context.Context, cfg config.Provider) error {
	id, err := b.nodeID()
	if err != nil {
		return err
	}

	node := resources.NewNode(cfg, id, b.machine.options.Address, b.system.Version)

	all, err := node.Resources()
	if err != nil {
		return err
	}

	b.mu.Lock()
	b.current = &node
	b.mu.Unlock()

	if err := b.put(ctx, all...); err != nil {
		return err
	}

	if err := b.putWritten(ctx, node); err != nil {
		return err
	}

	return b.syncManifests(ctx)
}

// persisted tells which config the next boot will find.
func (b *boot) persisted(ctx context.Context) error {
	node, _ := b.node()

	return b.put(ctx, configres.NewMachineConfigWithID(node.Config, configres.PersistentID))
}

// nodeID is on STATE; a machine without one has an identity for this boot only.
func (b *boot) nodeID() (string, error) {
	if b.device == "" {
		return b.id, nil
	}

	return b.disk.NodeID()
}

// node is who this machine is; false in maintenance mode.
func (b *boot) node() (resources.Node, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.current == nil {
		return resources.Node{}, false
	}

	return *b.current, true
}
