package commandprovider_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/blang/semver"
	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/commandprovider"
)

const urn = resource.URN("urn:pulumi:test::test::command:local:Command::name")

func serve(t *testing.T) integration.Server {
	t.Helper()

	server, err := integration.NewServer(t.Context(), commandprovider.Name,
		semver.MustParse(commandprovider.Version), integration.WithProvider(commandprovider.New()))
	require.NoError(t, err)

	return server
}

func properties(values map[string]any) property.Map {
	converted := map[string]property.Value{}

	for name, value := range values {
		switch value := value.(type) {
		case string:
			converted[name] = property.New(value)
		case bool:
			converted[name] = property.New(value)
		case []string:
			list := make([]property.Value, len(value))
			for i, item := range value {
				list[i] = property.New(item)
			}

			converted[name] = property.New(list)
		case map[string]string:
			entries := map[string]property.Value{}
			for key, item := range value {
				entries[key] = property.New(item)
			}

			converted[name] = property.New(entries)
		}
	}

	return property.NewMap(converted)
}

func create(t *testing.T, inputs map[string]any) (property.Map, error) {
	t.Helper()

	made, err := serve(t).Create(provider.CreateRequest{Urn: urn, Properties: properties(inputs)})

	return made.Properties, err
}

func TestCreateRunsTheCommandAndKeepsItsOutput(t *testing.T) {
	state, err := create(t, map[string]any{
		"create":      `read line; echo "$line in $PWD for $WHO"; echo aside >&2`,
		"stdin":       "text\n",
		"dir":         "/",
		"environment": map[string]string{"WHO": "phoebe"},
	})
	require.NoError(t, err)
	require.Equal(t, "text in / for phoebe", state.Get("stdout").AsString())
	require.Equal(t, "aside", state.Get("stderr").AsString())
}

func TestTheInterpreterGetsTheCommandAsItsLastArgument(t *testing.T) {
	state, err := create(t, map[string]any{"create": "a b", "interpreter": []string{"printf", "<%s>"}})
	require.NoError(t, err)
	require.Equal(t, "<a b>", state.Get("stdout").AsString())
}

func TestAPreviewRunsNothing(t *testing.T) {
	_, err := serve(t).Create(provider.CreateRequest{
		Urn: urn, DryRun: true, Properties: properties(map[string]any{"create": "exit 1"}),
	})
	require.NoError(t, err)
}

func TestAFailureNamesTheCommandAndShowsItsOutput(t *testing.T) {
	_, err := create(t, map[string]any{"create": "echo reason; exit 3"})
	require.EqualError(t, err, "exit status 3: running \"echo reason; exit 3\":\nreason\n")
}

func TestAnUpdateRunsUpdateOrCreateAndSeesThePreviousOutput(t *testing.T) {
	server := serve(t)
	state := properties(map[string]any{"create": "echo one", "stdout": "before", "stderr": ""})

	update := func(inputs map[string]any) string {
		updated, err := server.Update(provider.UpdateRequest{Urn: urn, ID: "id", State: state, Inputs: properties(inputs)})
		require.NoError(t, err)

		return updated.Properties.Get("stdout").AsString()
	}

	show := `echo "$PULUMI_COMMAND_STDOUT.${PULUMI_COMMAND_STDERR-unset}"`

	require.Equal(t, "before.unset", update(map[string]any{"create": "exit 1", "update": show}))
	require.Equal(t, "before.unset", update(map[string]any{"create": show}))
	require.Equal(t, ".unset", update(map[string]any{"create": show, "addPreviousOutputInEnv": false}))
	require.Equal(t, "before", update(map[string]any{"delete": "exit 1"}))
}

func TestADeleteRunsWithTheStoredInputs(t *testing.T) {
	server := serve(t)
	state := map[string]any{"delete": `echo "$WHY"; exit 4`, "environment": map[string]string{"WHY": "stored"}, "stdout": "", "stderr": ""}

	err := server.Delete(provider.DeleteRequest{Urn: urn, ID: "id", Properties: properties(state)})
	require.ErrorContains(t, err, "stored\n")

	delete(state, "delete")
	require.NoError(t, server.Delete(provider.DeleteRequest{Urn: urn, ID: "id", Properties: properties(state)}))
}

// Where only an element of triggers changes, it is @pulumi/command that asks for the replacement.
func TestOtherTriggersReplaceAndAllElseUpdates(t *testing.T) {
	server := serve(t)
	old := map[string]any{"create": "true", "update": "true", "triggers": []string{"1"}, "stdout": "", "stderr": ""}

	diff := func(inputs map[string]any) map[string]provider.PropertyDiff {
		found, err := server.Diff(provider.DiffRequest{
			Urn: urn, ID: "id", State: properties(old), OldInputs: properties(old), Inputs: properties(inputs),
		})
		require.NoError(t, err)

		return found.DetailedDiff
	}

	changed := diff(map[string]any{"create": "true", "update": "true"})
	require.Equal(t, map[string]provider.PropertyDiff{"triggers": {Kind: provider.DeleteReplace}}, changed)

	changed = diff(map[string]any{"create": "true", "update": "true", "triggers": []string{"1"}, "logging": "none"})
	require.Equal(t, map[string]provider.PropertyDiff{"logging": {Kind: provider.Add}}, changed)
}

func TestWhatIsNotImplementedIsRefusedByItsName(t *testing.T) {
	_, err := create(t, map[string]any{"create": "true", "assetPaths": []string{"*"}})
	require.ErrorContains(t, err, "Unimplemented desc = assetPaths of command:local:Command")

	_, err = serve(t).Invoke(provider.InvokeRequest{Token: "command:local:run"})
	require.ErrorContains(t, err, "command:local:run is not implemented")

	_, err = serve(t).Create(provider.CreateRequest{Urn: "urn:pulumi:test::test::command:remote:Command::name"})
	require.ErrorContains(t, err, "remote:Command' not found")
}

func TestALineAtWhichTheOfficialPluginHangsFails(t *testing.T) {
	inputs := map[string]any{"create": "head -c 70000 /dev/zero | tr '\\0' x"}

	_, err := create(t, inputs)
	require.ErrorContains(t, err, "a line of more than 65536 bytes was printed")

	inputs["logging"] = "none"
	_, err = create(t, inputs)
	require.NoError(t, err)
}

func TestACancelledCommandIsKilled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, err := integration.NewServer(ctx, commandprovider.Name,
		semver.MustParse(commandprovider.Version), integration.WithProvider(commandprovider.New()))
	require.NoError(t, err)

	fifo := filepath.Join(t.TempDir(), "started")
	require.NoError(t, unix.Mkfifo(fifo, 0o600))

	go func() {
		_, _ = os.ReadFile(fifo) // answers once the command has started

		cancel()
	}()

	_, err = server.Create(provider.CreateRequest{
		Urn: urn, Properties: properties(map[string]any{"create": "echo go > " + fifo + "; exec sleep 600"}),
	})
	require.ErrorContains(t, err, "signal: killed")
}
