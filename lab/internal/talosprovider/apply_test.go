package talosprovider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	applyToken = "talos:machine/configurationApply:ConfigurationApply"
	document   = "version: v1alpha1\nmachine:\n  network:\n    hostname: c1\n"
	patch      = "machine:\n  network:\n    hostname: c2\n"
)

// clientOf is an administrator's clientConfiguration of a cluster.
func clientOf(t *testing.T, bundle *secrets.Bundle) fields {
	t.Helper()

	pair, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	require.NoError(t, err)

	return fields{
		"caCertificate":     base64.StdEncoding.EncodeToString(bundle.Certs.OS.Crt),
		"clientCertificate": base64.StdEncoding.EncodeToString(pair.Crt),
		"clientKey":         base64.StdEncoding.EncodeToString(pair.Key),
	}
}

// applying are inputs for a machine; more of them may be given.
func applying(t *testing.T, bundle *secrets.Bundle, node string, more fields) fields {
	t.Helper()

	inputs := fields{"node": node, "clientConfiguration": clientOf(t, bundle), "machineConfigurationInput": document}
	for name, value := range more {
		inputs[name] = value
	}

	return inputs
}

func TestAMachineInMaintenanceIsConfiguredWithoutACertificate(t *testing.T) {
	fake := newMachine(t, 1, nil)
	created := newClient(t, nil).mustCreate(applyToken, applying(t, ours(), fake.address, fields{"configPatches": []string{patch}}))

	require.Equal(t, "machine_configuration_apply", created.ID)
	require.Len(t, fake.applied, 1)
	require.Contains(t, string(fake.applied[0].Data), "hostname: c2")
	require.Equal(t, machine.ApplyConfigurationRequest_AUTO, fake.applied[0].Mode)

	state := created.Properties
	require.Equal(t, string(fake.applied[0].Data), state.Get("machineConfiguration").AsString())
	require.True(t, state.Get("machineConfiguration").Secret())
	require.True(t, state.Get("machineConfigurationInput").Secret())
	require.True(t, at(state, "clientConfiguration", "clientKey").Secret())

	sum := sha256.Sum256(fake.applied[0].Data)
	require.Equal(t, property.New(hex.EncodeToString(sum[:])), state.Get("machineConfigurationHash"))
	require.Equal(t, "auto", state.Get("resolvedApplyMode").AsString())
	require.Equal(t, fake.address, state.Get("endpoint").AsString())
}

func TestAConfiguredMachineIsSpokenToWithTheCertificate(t *testing.T) {
	bundle := ours()
	fake := newMachine(t, 2, bundle.Certs.OS)

	newClient(t, nil).mustCreate(applyToken, applying(t, bundle, "elsewhere", fields{"endpoint": fake.address, "applyMode": "no_reboot"}))
	require.Len(t, fake.applied, 1)
	require.Equal(t, machine.ApplyConfigurationRequest_NO_REBOOT, fake.applied[0].Mode)

	stranger := applying(t, theirs(), fake.address, fields{"timeouts": fields{"create": "1ms"}})
	_, err := newClient(t, nil).create(applyToken, stranger)
	require.ErrorContains(t, err, "applying the configuration: node 127.203.0.2")
	require.Len(t, fake.applied, 1, "another cluster's certificate gets nowhere")
}

func TestWhatIsInvalidFailsAtOnceAndAllElseIsTriedAgain(t *testing.T) {
	fake := newMachine(t, 3, nil)
	c := newClient(t, nil)
	inputs := applying(t, ours(), fake.address, nil)

	fake.answer = func(int) error { return status.Error(codes.InvalidArgument, "unknown keys") }
	_, err := c.create(applyToken, inputs)
	require.ErrorContains(t, err, "unknown keys")
	require.Equal(t, 1, fake.calls)

	fake.answer = func(call int) error {
		if call < 3 {
			return status.Error(codes.PermissionDenied, "not yet")
		}

		return nil
	}

	c.mustCreate(applyToken, inputs)
	require.Equal(t, 3, fake.calls)
}

func TestATimeoutEndsTheTriesWithTheLastError(t *testing.T) {
	fake := newMachine(t, 4, nil)
	fake.answer = func(int) error { return status.Error(codes.Unavailable, "busy") }

	_, err := newClient(t, nil).create(applyToken,
		applying(t, ours(), fake.address, fields{"timeouts": fields{"create": "100ms"}}))
	require.ErrorContains(t, err, "busy")

	_, err = newClient(t, nil).create(applyToken,
		applying(t, ours(), fake.address, fields{"timeouts": fields{"create": "soon"}}))
	require.ErrorContains(t, err, `the timeout "soon" is not a duration such as 10m`)
}

func TestAnUpdateAppliesAgainAndAChangedNodeIsAnUpdate(t *testing.T) {
	fake, other := newMachine(t, 5, nil), newMachine(t, 6, nil)
	c, bundle := newClient(t, nil), ours()
	inputs := applying(t, bundle, fake.address, nil)
	state := c.mustCreate(applyToken, inputs).Properties

	require.Empty(t, c.diff(applyToken, state, inputs))

	inputs["node"] = other.address
	for name, change := range c.diff(applyToken, state, inputs) {
		require.Contains(t, []string{"node", "endpoint"}, name)
		require.Equal(t, provider.Update, change.Kind)
	}

	updated, err := c.update(applyToken, state, inputs)
	require.NoError(t, err)
	require.Len(t, fake.applied, 1)
	require.Len(t, other.applied, 1)
	require.Equal(t, other.address, updated.Get("endpoint").AsString())
}

func TestAPreviewShowsTheConfigurationAsFarAsItIsKnown(t *testing.T) {
	c, bundle := newClient(t, nil), ours()

	known := c.preview(applyToken, applying(t, bundle, "127.203.0.250", nil))
	require.Equal(t, document, known.Get("machineConfiguration").AsString())
	require.Equal(t, "auto", known.Get("resolvedApplyMode").AsString())

	for _, name := range []string{"machineConfigurationInput", "configPatches", "node"} {
		previewed := c.preview(applyToken, applying(t, bundle, "127.203.0.250", fields{name: computed}))
		require.True(t, previewed.Get("machineConfiguration").IsComputed(), name)
		require.True(t, previewed.Get("machineConfigurationHash").IsComputed(), name)
	}

	_, err := c.server.Create(provider.CreateRequest{Urn: urnOf(applyToken), DryRun: true, Properties: properties(
		applying(t, bundle, "127.203.0.250", fields{"configPatches": []string{"no: [patch"}}))})
	require.ErrorContains(t, err, "configPatches")
}

func TestAPreviewAsksTheMachineOnlyInTheModeThatWantsItTo(t *testing.T) {
	fake := newMachine(t, 7, nil)
	fake.reboots = true
	c, bundle := newClient(t, nil), ours()
	inputs := applying(t, bundle, fake.address, fields{"applyMode": "staged_if_needing_reboot"})

	require.Equal(t, "staged", c.preview(applyToken, inputs).Get("resolvedApplyMode").AsString())
	require.Len(t, fake.applied, 1)
	require.True(t, fake.applied[0].DryRun)

	state := c.mustCreate(applyToken, inputs).Properties

	require.Equal(t, machine.ApplyConfigurationRequest_STAGED, fake.applied[2].Mode)
	require.False(t, fake.applied[2].DryRun)

	require.Empty(t, c.diff(applyToken, state, inputs))
	require.Len(t, fake.applied, 3, "an unchanged configuration is not asked about again")

	inputs["node"] = "127.203.0.251"
	inputs["machineConfigurationInput"] = document + "  type: worker\n"
	require.Equal(t, "auto", c.preview(applyToken, inputs).Get("resolvedApplyMode").AsString(), "nobody answers there")
}

func TestInputsThatTheSchemaAllowsAreCheckedToo(t *testing.T) {
	failures := newClient(t, nil).check(applyToken, fields{"node": "n", "applyMode": "later"})
	require.Len(t, failures, 3)
	require.Equal(t, "applyMode", failures[0].Property)
	require.Equal(t, "machineConfigurationInput", failures[1].Property)
	require.Equal(t, "clientConfiguration", failures[2].Property)
}

func TestADeleteDoesNothingUnlessAReset(t *testing.T) {
	fake := newMachine(t, 8, nil)
	c, bundle := newClient(t, nil), ours()
	remove := func(state property.Map) {
		require.NoError(t, c.server.Delete(provider.DeleteRequest{ID: "id", Urn: urnOf(applyToken), Properties: state}))
	}

	remove(c.mustCreate(applyToken, applying(t, bundle, fake.address, fields{"onDestroy": fields{"graceful": true}})).Properties)
	require.Empty(t, fake.resets)

	state := c.mustCreate(applyToken, applying(t, bundle, fake.address, fields{"onDestroy": fields{"reset": true, "reboot": true}})).Properties
	remove(state)
	require.Len(t, fake.resets, 1)
	require.True(t, fake.resets[0].Graceful, "as it is where nothing else was said")
	require.True(t, fake.resets[0].Reboot)
	require.Equal(t, "STATE", fake.resets[0].SystemPartitionsToWipe[0].Label)
	require.Equal(t, "EPHEMERAL", fake.resets[0].SystemPartitionsToWipe[1].Label)
}
