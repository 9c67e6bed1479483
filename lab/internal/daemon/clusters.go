package daemon

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"phoebe.dev/lab/internal/apiservers"
	"phoebe.dev/lab/internal/cilium"
	"phoebe.dev/lab/internal/endpoint"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/machine"
)

// clusters keeps machines and endpoints as the lab's memory says.
type clusters struct {
	ctx   context.Context
	group *errgroup.Group
	plant Plant

	mu        sync.Mutex
	machines  map[string]folder.Machine
	sold      map[string]bool    // switched off since no stack declares them
	endpoints map[string]*served // by stack
}

// served is the endpoint of one stack.
type served struct {
	address netip.AddrPort
	names   atomic.Pointer[[]string] // of the stack's machines
	stop    context.CancelFunc
	stopped chan struct{}
}

func newClusters(ctx context.Context, group *errgroup.Group, plant Plant) *clusters {
	return &clusters{ctx: ctx, group: group, plant: plant, machines: map[string]folder.Machine{}, sold: map[string]bool{}, endpoints: map[string]*served{}}
}

// Refresh adds the machines that are new, switches off those that are no more, and moves the endpoints.
func (c *clusters) Refresh(memory *folder.Memory) error {
	c.mu.Lock()
	defer c.mu.Unlock()

	wanted := map[string]bool{}

	for name, stack := range memory.Stacks {
		if !stack.Active {
			continue
		}

		names := make([]string, 0, len(stack.Machines))
		for _, bought := range stack.Machines {
			if err := c.add(bought); err != nil {
				return err
			}

			wanted[bought.Name] = true
			names = append(names, bought.Name)
		}

		address, err := netip.ParseAddrPort(stack.Endpoint)
		if err != nil {
			return fmt.Errorf("endpoint of the stack %s: %w", name, err)
		}

		if err := c.move(name, address, names); err != nil {
			return err
		}
	}

	return c.switchOffBut(wanted)
}

func (c *clusters) add(bought folder.Machine) error {
	has, known := c.machines[bought.Name]
	switch {
	case known && has.Address != bought.Address:
		return fmt.Errorf("machine %s is at %s in this lab, and declared at %s: a machine keeps its address; run `npm run lab:stop` before it is declared elsewhere",
			bought.Name, has.Address, bought.Address)
	case known && c.sold[bought.Name]:
		delete(c.sold, bought.Name)

		return c.plant.Fault(c.ctx, bought.Name, machine.FaultOn)
	case known:
		return nil
	}

	for _, port := range machinePorts {
		if err := folder.Free(net.JoinHostPort(bought.Address, port)); err != nil {
			return fmt.Errorf("machine %s: %w", bought.Name, err)
		}
	}

	if err := c.plant.Add(bought); err != nil {
		return err
	}

	log.Printf("machine %s at %s: Talos %s %s", bought.Name, bought.Address, bought.Talos, bought.Arch)
	c.machines[bought.Name] = bought

	return nil
}

func (c *clusters) switchOffBut(wanted map[string]bool) error {
	var all error

	for name := range c.machines {
		if !wanted[name] && !c.sold[name] {
			log.Printf("machine %s is no longer declared: off", name)
			c.sold[name] = true
			all = errors.Join(all, c.plant.Fault(c.ctx, name, machine.FaultOff))
		}
	}

	return all
}

// move has a stack's endpoint answer at an address, for these machines.
func (c *clusters) move(stack string, address netip.AddrPort, names []string) error {
	if now, ok := c.endpoints[stack]; ok {
		if now.address == address {
			now.names.Store(&names)

			return nil
		}

		now.stop()
		<-now.stopped
		delete(c.endpoints, stack)
	}

	if err := c.endpointFree(address); err != nil {
		return fmt.Errorf("the endpoint of the stack %s: %w", stack, err)
	}

	ctx, stop := context.WithCancel(c.ctx)
	next := &served{address: address, stop: stop, stopped: make(chan struct{})}
	next.names.Store(&names)
	c.endpoints[stack] = next
	backends := func() []endpoint.Backend { return c.plant.Backends(*next.names.Load()) }

	c.group.Go(func() error {
		defer close(next.stopped)

		var operator sync.WaitGroup

		operator.Go(func() {
			cilium.Run(ctx, func() []apiservers.Server { return endpoint.Serving(backends()) }, log.Writer())
		})
		defer operator.Wait()

		err := endpoint.Serve(ctx, address, backends, log.Writer())
		if err != nil && ctx.Err() == nil {
			log.Printf("endpoint %s of the stack %s: %v", address, stack, err)
		}

		return nil // machines go on without it, as behind a broken load balancer
	})

	return nil
}

// endpointFree: a node's own address is that node's business.
func (c *clusters) endpointFree(address netip.AddrPort) error {
	for _, bought := range c.machines {
		if bought.Address == address.Addr().String() {
			return nil
		}
	}

	return folder.Free(address.String())
}
