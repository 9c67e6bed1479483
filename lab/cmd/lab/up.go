package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"phoebe.dev/lab/internal/cluster"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/progress"
	"phoebe.dev/lab/internal/summary"
)

// readyWithin: nodes are ready soon after the release that brings their network, which `pulumi up` has waited for.
const readyWithin = 5 * time.Minute

// answersWithin: what holds the endpoint is there when `pulumi up` has ended, and found by the lab a moment later.
const answersWithin = 20 * time.Second

func upCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "up", Short: "Starts the lab and runs `pulumi up` on the stack (what is done without a command)",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return up(command, o) },
	}
}

func up(command *cobra.Command, o *options) error {
	ctx := command.Context()

	l, release, err := o.hold()
	if err != nil {
		return err
	}
	defer release()

	s, err := l.start(ctx, o)
	if err != nil {
		return err
	}

	if err := s.home.Unlocked(s.stack); err != nil {
		return err
	}

	if err := s.home.Up(ctx, s.stack); err != nil {
		return fmt.Errorf("pulumi up of the stack %s failed: %w", s.stack, err)
	}

	if err := s.sellMachines(ctx); err != nil {
		return err
	}

	c, err := s.connect(ctx)
	if err != nil {
		return err
	}

	if err := awaitEndpoint(ctx, s.declared.Endpoint.String(), answersWithin); err != nil {
		return err
	}

	if err := s.waitReady(ctx, c); err != nil {
		return err
	}

	return s.summarize(ctx, c)
}

// connect keeps the kubeconfig and the talosconfig of the stack, and uses the former.
func (s *started) connect(ctx context.Context) (*cluster.Cluster, error) {
	outputs, err := s.home.Outputs(ctx, s.stack)
	if err != nil {
		return nil, err
	}

	var kubeconfig string

	for output, path := range map[string]string{"kubeconfig": s.folder.Kubeconfig(), "talosconfig": s.folder.Talosconfig()} {
		var text string
		if err := json.Unmarshal(outputs[output], &text); err != nil || text == "" {
			return nil, fmt.Errorf("the stack %s has no output %s that is a text", s.stack, output)
		}

		if err := folder.WriteFile(path, []byte(text)); err != nil {
			return nil, err
		}

		if output == "kubeconfig" {
			kubeconfig = text
		}
	}

	return cluster.Connect([]byte(kubeconfig))
}

// awaitEndpoint waits until something listens there, and says at the end what could have.
func awaitEndpoint(ctx context.Context, endpoint string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()

	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", endpoint)
		if err == nil {
			return connection.Close()
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("the cluster runs, and nothing answers at its endpoint %s (%w), as nothing would on hardware: a control plane node's address, a virtual IP in the patches or a Service of type LoadBalancer has to hold it. "+
				"`npm run validate` says whether any does. A load balancer outside of the cluster is not in the lab: rehearse with --set endpoint=https://<a node's address>:6443", endpoint, err)
		case <-ticker.C:
		}
	}
}

func (s *started) waitReady(ctx context.Context, c *cluster.Cluster) error {
	names := make([]string, 0, len(s.declared.Nodes))
	for _, node := range s.declared.Nodes {
		names = append(names, node.Hostname)
	}

	ready := fmt.Sprintf("saw %s ready at %s", progress.Count(len(names), "node"), s.declared.KubernetesVersion)

	err := s.progress.Step("waiting until all nodes are ready", ready, func() error { return c.WaitReady(ctx, names, s.declared.KubernetesVersion, readyWithin) })
	if err != nil {
		return fmt.Errorf("the nodes did not get ready: %w", err)
	}

	return nil
}

func (s *started) summarize(ctx context.Context, c *cluster.Cluster) error {
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return err
	}

	releases, err := c.Releases()
	if err != nil {
		return err
	}

	machines, err := s.client.Machines(ctx)
	if err != nil {
		return err
	}

	talos := map[string]string{}
	for _, machine := range machines {
		talos[machine.Hostname] = machine.TalosVersion
	}

	stop := "npm run lab:stop"
	if option := s.home.Option(); option != "" {
		stop += " --" + option
	}

	summary.Summary{
		Stack: s.stack, Nodes: nodes, Talos: talos, Releases: releases,
		Kubeconfig: s.shown(s.folder.Kubeconfig()), Talosconfig: s.shown(s.folder.Talosconfig()),
		EvalLine: s.home.EvalLine(), Stop: stop,
	}.Write(os.Stdout)

	return nil
}
