package machine

import (
	"context"
	"fmt"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configdiff"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"phoebe.dev/lab/internal/machine/apid"
)

const (
	modeAuto     = machine.ApplyConfigurationRequest_AUTO
	modeNoReboot = machine.ApplyConfigurationRequest_NO_REBOOT
	modeReboot   = machine.ApplyConfigurationRequest_REBOOT
	modeStaged   = machine.ApplyConfigurationRequest_STAGED
	modeTry      = machine.ApplyConfigurationRequest_TRY
)

// ApplyConfiguration takes a machine config: by itself in maintenance mode, from an
// administrator afterwards.
func (s *server) ApplyConfiguration(ctx context.Context, in *machine.ApplyConfigurationRequest) (*machine.ApplyConfigurationResponse, error) {
	s.applying.Lock()
	defer s.applying.Unlock()

	maintenance := s.inMaintenance()

	if !maintenance && !apid.Roles(ctx).Includes(role.Admin) {
		return nil, apid.ErrNotAuthorized
	}

	if maintenance && in.GetMode() == modeTry {
		return nil, status.Error(codes.Unimplemented, "apply mode try in maintenance mode is not implemented by the simulated machine")
	}

	if !maintenance && in.GetMode() == modeReboot && !s.release().rebootsOnApply() {
		return nil, status.Error(codes.Unimplemented, "the REBOOT mode is not supported, please use AUTO or NO_REBOOT modes instead")
	}

	if s.applyRebooted {
		return nil, status.Error(codes.FailedPrecondition, "configuration was already applied and node is rebooting, "+
			"cannot apply more configuration changes until next reboot")
	}

	cfg, warnings, err := s.load(ctx, in.GetData(), maintenance)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	mode, details, because, err := s.resolve(in.GetMode(), cfg, maintenance)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	if in.GetDryRun() {
		diff, err := s.diff(cfg)
		if err != nil {
			return nil, err
		}

		return applied(mode, fmt.Sprintf("Dry run summary:\n%s (skipped in dry-run).\n%s", details, diff), nil), nil
	}

	s.logs.Printf("apply config request: mode %s", mode)

	if mode == modeTry {
		until, err := s.try(ctx, in, cfg)

		return applied(mode, details+until, warnings), err
	}

	s.endTry()

	if err := s.apply(ctx, mode, cfg, maintenance); err != nil {
		return nil, err
	}

	return applied(mode, details+because, warnings), nil
}

func applied(mode machine.ApplyConfigurationRequest_Mode, details string, warnings []string) *machine.ApplyConfigurationResponse {
	return &machine.ApplyConfigurationResponse{Messages: []*machine.ApplyConfiguration{{
		Mode: mode, ModeDetails: details, Warnings: warnings,
	}}}
}

// load parses and validates as Talos on metal does.
func (s *server) load(ctx context.Context, data []byte, maintenance bool) (config.Provider, []string, error) {
	if err := s.release().checkVocabulary(data); err != nil {
		return nil, nil, err
	}

	cfg, err := configloader.NewFromBytes(data)
	if err != nil {
		return nil, nil, err
	}

	if !maintenance && cfg.RawV1Alpha1() == nil {
		return nil, nil, fmt.Errorf("the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?")
	}

	mode := metal{installed: s.device != ""}

	warnings, err := cfg.Validate(mode)
	if err != nil {
		return nil, nil, err
	}

	atRuntime, err := cfg.RuntimeValidate(ctx, s.resources.State, mode)

	return cfg, slices.Concat(warnings, atRuntime), err
}

// resolve decides how the config comes into force, and says so; why it needs a reboot is said apart, since a dry run does not.
func (s *server) resolve(
	mode machine.ApplyConfigurationRequest_Mode, cfg config.Provider, maintenance bool,
) (as machine.ApplyConfigurationRequest_Mode, details, because string, err error) {
	const (
		live   = "Applied configuration without a reboot"
		staged = "Staged configuration to be applied after the next reboot"
		reboot = "Applied configuration with a reboot"
	)

	if maintenance {
		if mode == modeStaged {
			return mode, staged, "", nil
		}

		return modeNoReboot, live, "", nil
	}

	var needsReboot error

	if s.release().rebootsOnApply() {
		node, _ := s.node()
		needsReboot = canApplyImmediate(node.Config, cfg)
	}

	switch mode {
	case modeStaged:
		return mode, staged, "", nil
	case modeReboot:
		return mode, reboot, "", nil
	case modeNoReboot, modeTry:
		return mode, live, "", needsReboot
	default: // auto
		if needsReboot != nil {
			return modeReboot, reboot, ": " + needsReboot.Error(), nil
		}

		return modeNoReboot, live, "", nil
	}
}

func (s *server) diff(cfg config.Provider) (string, error) {
	var current config.Provider
	if node, ok := s.node(); ok {
		current = node.Config
	}

	diff, err := configdiff.DiffConfigs(current, cfg)
	if err != nil {
		return "", fmt.Errorf("failed to generate diff: %w", err)
	}

	if diff == "" {
		diff = "No changes."
	}

	return "Config diff:\n\n" + diff, nil
}
