// Package resources is a node's COSI state: which types it serves, who may read them,
// and what a machine config turns into.
package resources

import (
	"context"
	"fmt"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/impl/inmem"
	"github.com/cosi-project/runtime/pkg/state/impl/namespaced"
	"github.com/cosi-project/runtime/pkg/state/registry"
)

// State is the COSI state of one boot.
type State struct{ state.State }

// New makes an empty state in which every served type and namespace is registered:
// an unregistered one is refused to clients.
func New(ctx context.Context) (*State, error) {
	st := state.WrapCore(namespaced.NewState(inmem.Build))
	namespaces, types := registry.NewNamespaceRegistry(st), registry.NewResourceRegistry(st)

	if err := namespaces.RegisterDefault(ctx); err != nil {
		return nil, err
	}

	if err := types.RegisterDefault(ctx); err != nil {
		return nil, err
	}

	for name, description := range servedNamespaces {
		if err := namespaces.Register(ctx, name, description); err != nil {
			return nil, fmt.Errorf("namespace %s: %w", name, err)
		}
	}

	for _, r := range servedTypes {
		if err := types.Register(ctx, r); err != nil {
			return nil, fmt.Errorf("type %s: %w", r.ResourceDefinition().Type, err)
		}
	}

	return &State{st}, nil
}

// Put creates a resource or updates it. A resource that is already so keeps its version:
// clients take each new version for a change.
func (s *State) Put(ctx context.Context, wanted resource.Resource) error {
	current, err := s.Get(ctx, wanted.Metadata())
	if state.IsNotFoundError(err) {
		return s.Create(ctx, wanted)
	}

	if err != nil {
		return err
	}

	if same(current, wanted) {
		return nil
	}

	wanted.Metadata().SetVersion(current.Metadata().Version())

	return s.Update(ctx, wanted)
}

// Drop removes a resource; one that is not there is fine.
func (s *State) Drop(ctx context.Context, ptr resource.Pointer) error {
	err := s.Destroy(ctx, ptr)
	if state.IsNotFoundError(err) {
		return nil
	}

	return err
}

// Sync makes the resources of one type exactly those given.
func (s *State) Sync(ctx context.Context, kind resource.Kind, wanted []resource.Resource) error {
	current, err := s.List(ctx, kind)
	if err != nil {
		return err
	}

	keep := map[resource.ID]bool{}

	for _, r := range wanted {
		keep[r.Metadata().ID()] = true

		if err := s.Put(ctx, r); err != nil {
			return err
		}
	}

	for _, r := range current.Items {
		if !keep[r.Metadata().ID()] {
			if err := s.Drop(ctx, r.Metadata()); err != nil {
				return err
			}
		}
	}

	return nil
}
