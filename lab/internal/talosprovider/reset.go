package talosprovider

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// onDestroy says what a delete does to the machine. Without reset it does nothing.
type onDestroy struct {
	Reset    bool `json:"reset"`
	Graceful bool `json:"graceful"`
	Reboot   bool `json:"reboot"`
}

func withOnDestroyDefaults(inputs property.Map) property.Map {
	given := inputs.Get("onDestroy")
	if !given.IsMap() {
		return inputs
	}

	filled := orDefault(given.AsMap(), "reset", property.New(false))
	filled = orDefault(filled, "graceful", property.New(true))
	filled = orDefault(filled, "reboot", property.New(false))

	return inputs.Set("onDestroy", property.WithGoValue(given, filled))
}

// delete resets the machine if that was asked for, and waits until it has gone down: with reboot, until it is back in
// maintenance mode.
func (configurationApply) delete(ctx context.Context, values property.Map) error {
	state, err := decode[applyState](values)
	if err != nil || state.OnDestroy == nil || !state.OnDestroy.Reset {
		return err
	}

	err = state.do(ctx, func(ctx context.Context, c *client.Client) error {
		_, resetErr := c.ResetGenericWithResponse(ctx, &machine.ResetRequest{
			Graceful: state.OnDestroy.Graceful,
			Reboot:   state.OnDestroy.Reboot,
			SystemPartitionsToWipe: []*machine.ResetPartitionSpec{
				{Label: "STATE", Wipe: true}, {Label: "EPHEMERAL", Wipe: true},
			},
		})

		return resetErr
	})
	if err != nil {
		return fmt.Errorf("resetting node %s: %w", state.Node, err)
	}

	return state.retry(ctx, state.Timeouts.Delete, func(ctx context.Context, _ *client.Client) error {
		return state.isReset(ctx)
	})
}

// isReset tells by an error that the machine has not come down yet, or not come back yet.
func (s applyState) isReset(ctx context.Context) error {
	c, err := insecureClient(ctx, s.Endpoint)
	if err != nil {
		return err
	}

	defer c.Close()

	_, err = c.Disks(ctx)

	switch {
	case s.OnDestroy.Reboot && err != nil:
		return fmt.Errorf("it is not back in maintenance mode yet: %w", err)
	case !s.OnDestroy.Reboot && !isGone(ctx, s):
		return errors.New("it still runs")
	default:
		return nil
	}
}

// isGone tells whether nothing answers any more, with or without a certificate.
func isGone(ctx context.Context, state applyState) bool {
	return state.do(ctx, func(ctx context.Context, c *client.Client) error {
		_, err := c.Version(ctx)

		return err
	}) != nil
}
