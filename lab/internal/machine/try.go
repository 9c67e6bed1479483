package machine

import (
	"context"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// try makes a config the active one for a while; STATE keeps the one before. It says so in a sentence. The caller holds
// applying, as for all that follows here.
func (b *boot) try(ctx context.Context, in *machine.ApplyConfigurationRequest, cfg config.Provider) (string, error) {
	timeout := constants.ConfigTryTimeout
	if in.GetTryModeTimeout() != nil {
		timeout = in.GetTryModeTimeout().AsDuration()
	}

	b.endTry()

	before, _ := b.node()
	b.trying = time.AfterFunc(timeout, func() { b.revert(before.Config) })

	return fmt.Sprintf("\nThe config is applied in 'try' mode and will be automatically reverted back in %s", timeout), b.applyLive(ctx, cfg)
}

// endTry keeps what is tried now from being reverted: another config is applied.
func (b *boot) endTry() {
	if b.trying != nil {
		b.trying.Stop()
		b.trying = nil
	}
}

func (b *boot) revert(cfg config.Provider) {
	b.applying.Lock()
	defer b.applying.Unlock()

	if b.trying == nil || !b.isUp() {
		return
	}

	b.trying = nil
	b.machine.note("config reverted", "the time to try it is over")

	if err := b.applyLive(context.Background(), cfg); err != nil {
		b.machine.fail(fmt.Errorf("reverting a config: %w", err))
	}
}
