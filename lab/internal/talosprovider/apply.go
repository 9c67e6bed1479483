package talosprovider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
)

// configurationApply is talos:machine/configurationApply:ConfigurationApply. It is done when the machine has acknowledged.
type configurationApply struct{}

// applyState is its state.
type applyState struct {
	target

	ID                        string     `json:"id"`
	ApplyMode                 string     `json:"applyMode"`
	ResolvedApplyMode         string     `json:"resolvedApplyMode"`
	MachineConfigurationInput string     `json:"machineConfigurationInput"`
	ConfigPatches             []string   `json:"configPatches"`
	MachineConfiguration      string     `json:"machineConfiguration"`
	MachineConfigurationHash  string     `json:"machineConfigurationHash"`
	OnDestroy                 *onDestroy `json:"onDestroy"`
}

// stagedIfReboot is the mode that asks the machine first, during preview too.
const stagedIfReboot = "staged_if_needing_reboot"

var applyModes = []string{"auto", "reboot", "no_reboot", "staged", stagedIfReboot}

func (configurationApply) check(inputs property.Map) []provider.CheckFailure {
	var failures []provider.CheckFailure

	if mode := inputs.Get("applyMode"); mode.IsString() && !slices.Contains(applyModes, mode.AsString()) {
		failures = append(failures, provider.CheckFailure{
			Property: "applyMode", Reason: fmt.Sprintf("cannot be %q, but one of %v", mode.AsString(), applyModes),
		})
	}

	for _, name := range []string{"machineConfigurationInput", "clientConfiguration"} {
		if inputs.Get(name).IsNull() {
			failures = append(failures, provider.CheckFailure{Property: name, Reason: "is required and not set"})
		}
	}

	return failures
}

func (configurationApply) plan(ctx context.Context, inputs property.Map, prior *property.Map) (plan, error) {
	planned := orDefault(withEndpoint(inputs), "applyMode", property.New("auto"))
	planned = withOnDestroyDefaults(planned)

	for _, name := range []string{"id", "machineConfiguration", "machineConfigurationHash"} {
		planned = planned.Set(name, unknown)
		if prior != nil {
			planned = planned.Set(name, prior.Get(name))
		}
	}

	planned = planned.Set("resolvedApplyMode", unknown)

	input, patches := inputs.Get("machineConfigurationInput"), inputs.Get("configPatches")
	if input.IsComputed() || patches.HasComputed() || planned.Get("node").IsComputed() || planned.Get("endpoint").IsComputed() {
		return plan{state: planned}, nil
	}

	rendered, err := patched(input, patches)
	if err != nil {
		return plan{}, err
	}

	sum := sha256.Sum256([]byte(rendered))
	planned = planned.
		Set("machineConfiguration", property.New(rendered)).
		Set("machineConfigurationHash", property.New(hex.EncodeToString(sum[:])))

	mode := resolveApplyMode(ctx, planned, prior)

	return plan{state: planned.Set("resolvedApplyMode", mode)}, nil
}

// patched is the machine configuration with the resource's own patches.
func patched(input, patches property.Value) (string, error) {
	var texts []string

	if patches.IsArray() {
		for _, patch := range patches.AsArray().All {
			texts = append(texts, patch.AsString())
		}
	}

	loaded, err := configpatcher.LoadPatches(texts)
	if err != nil {
		return "", fmt.Errorf("configPatches: %w", err)
	}

	output, err := configpatcher.Apply(configpatcher.WithBytes([]byte(input.AsString())), loaded)
	if err != nil {
		return "", fmt.Errorf("applying configPatches to machineConfigurationInput: %w", err)
	}

	rendered, err := output.Bytes()

	return string(rendered), err
}

// resolveApplyMode asks the machine by a dry run whether it would reboot, where the mode wants that to be asked. What cannot
// be asked is done in mode auto, with a warning.
func resolveApplyMode(ctx context.Context, planned property.Map, prior *property.Map) property.Value {
	mode := planned.Get("applyMode")
	if mode.IsComputed() || mode.AsString() != stagedIfReboot {
		return mode
	}

	if prior != nil && same(prior.Get("machineConfiguration"), planned.Get("machineConfiguration")) {
		return prior.Get("resolvedApplyMode")
	}

	if planned.Get("clientConfiguration").HasComputed() {
		return property.New("auto")
	}

	resolved := "auto"

	state, err := decode[applyState](known(planned))
	if err == nil {
		err = state.do(ctx, func(ctx context.Context, c *client.Client) error {
			answer, applyErr := c.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{
				Mode: machine.ApplyConfigurationRequest_AUTO, Data: []byte(state.MachineConfiguration), DryRun: true,
			})
			if applyErr == nil && len(answer.GetMessages()) > 0 &&
				answer.GetMessages()[0].GetMode() == machine.ApplyConfigurationRequest_REBOOT {
				resolved = "staged"
			}

			return applyErr
		})
	}

	if err != nil {
		provider.GetLogger(ctx).Warningf("node %s: whether it needs a reboot cannot be told, so it may reboot: %v", state.Node, err)
	} else if resolved == "staged" {
		provider.GetLogger(ctx).Warningf("node %s needs a reboot, which is left to you: the configuration is staged", state.Node)
	}

	return property.New(resolved)
}

// known leaves out what is not known.
func known(values property.Map) property.Map {
	for name, value := range values.AsMap() {
		if value.HasComputed() {
			values = values.Delete(name)
		}
	}

	return values
}

func (configurationApply) create(ctx context.Context, planned property.Map) (property.Map, error) {
	return apply(ctx, planned, func(timeouts Timeouts) string { return timeouts.Create })
}

func (configurationApply) update(ctx context.Context, _, planned property.Map) (property.Map, error) {
	return apply(ctx, planned, func(timeouts Timeouts) string { return timeouts.Update })
}

func apply(ctx context.Context, planned property.Map, timeout func(Timeouts) string) (property.Map, error) {
	planned = planned.Set("id", property.New("machine_configuration_apply"))

	state, err := decode[applyState](planned)
	if err != nil {
		return property.Map{}, err
	}

	mode := state.ResolvedApplyMode
	if mode == "" {
		mode = state.ApplyMode
	}

	err = state.retry(ctx, timeout(state.Timeouts), func(ctx context.Context, c *client.Client) error {
		_, applyErr := c.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{
			Mode: machine.ApplyConfigurationRequest_Mode(machine.ApplyConfigurationRequest_Mode_value[strings.ToUpper(mode)]),
			Data: []byte(state.MachineConfiguration),
		})

		return applyErr
	})
	if err != nil {
		return property.Map{}, fmt.Errorf("applying the configuration: %w", err)
	}

	return planned, nil
}
