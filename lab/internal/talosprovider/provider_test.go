package talosprovider_test

import (
	"encoding/json"
	"testing"

	"github.com/blang/semver"
	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/talosprovider"
)

// client is one configured provider and what tests ask of it.
type client struct {
	t      *testing.T
	server integration.Server
}

// fields are properties as tests write them: strings, booleans, lists and fields.
type fields = map[string]any

func newClient(t *testing.T, configuration fields) client {
	t.Helper()

	server, err := integration.NewServer(t.Context(), talosprovider.Name,
		semver.MustParse(talosprovider.Version), integration.WithProvider(talosprovider.New()))
	require.NoError(t, err)
	require.NoError(t, server.Configure(provider.ConfigureRequest{Args: properties(configuration)}))

	return client{t: t, server: server}
}

func properties(values fields) property.Map {
	converted := map[string]property.Value{}

	for name, value := range values {
		converted[name] = propertyOf(value)
	}

	return property.NewMap(converted)
}

func propertyOf(value any) property.Value {
	switch value := value.(type) {
	case property.Value:
		return value
	case property.Map:
		return property.New(value)
	case fields:
		return property.New(properties(value))
	case []string:
		items := make([]property.Value, len(value))
		for i, item := range value {
			items[i] = property.New(item)
		}

		return property.New(items)
	default:
		converted, err := property.Any(value)
		if err != nil {
			panic(err)
		}

		return converted
	}
}

// computed is an input that is not known yet.
var computed = property.New(property.Computed)

func urnOf(token string) presource.URN {
	return presource.NewURN("test", "test", "", tokens.Type(token), "name")
}

func (c client) check(token string, inputs fields) []provider.CheckFailure {
	c.t.Helper()

	checked, err := c.server.Check(provider.CheckRequest{Urn: urnOf(token), Inputs: properties(inputs)})
	require.NoError(c.t, err)

	return checked.Failures
}

func (c client) preview(token string, inputs fields) property.Map {
	c.t.Helper()

	previewed, err := c.server.Create(provider.CreateRequest{Urn: urnOf(token), Properties: properties(inputs), DryRun: true})
	require.NoError(c.t, err)

	return previewed.Properties
}

func (c client) create(token string, inputs fields) (provider.CreateResponse, error) {
	return c.server.Create(provider.CreateRequest{Urn: urnOf(token), Properties: properties(inputs)})
}

func (c client) mustCreate(token string, inputs fields) provider.CreateResponse {
	c.t.Helper()

	created, err := c.create(token, inputs)
	require.NoError(c.t, err)

	return created
}

func (c client) diff(token string, state property.Map, inputs fields) map[string]provider.PropertyDiff {
	c.t.Helper()

	found, err := c.server.Diff(provider.DiffRequest{ID: "id", Urn: urnOf(token), State: state, Inputs: properties(inputs)})
	require.NoError(c.t, err)

	return found.DetailedDiff
}

func (c client) update(token string, state property.Map, inputs fields) (property.Map, error) {
	updated, err := c.server.Update(provider.UpdateRequest{ID: "id", Urn: urnOf(token), State: state, Inputs: properties(inputs)})

	return updated.Properties, err
}

func (c client) invoke(token string, arguments fields) (provider.InvokeResponse, error) {
	return c.server.Invoke(provider.InvokeRequest{Token: tokens.Type(token), Args: properties(arguments)})
}

func (c client) mustInvoke(token string, arguments fields) property.Map {
	c.t.Helper()

	answer, err := c.invoke(token, arguments)
	require.NoError(c.t, err)
	require.Empty(c.t, answer.Failures)

	return answer.Return
}

func TestWhatIsNotImplementedIsRefusedByItsName(t *testing.T) {
	c := newClient(t, nil)

	_, err := c.invoke("talos:cluster/getHealth:getHealth", nil)
	require.ErrorContains(t, err, "talos:cluster/getHealth:getHealth is not implemented")

	_, err = c.create("talos:machine/machine:Machine", nil)
	require.ErrorContains(t, err, "talos:machine/machine:Machine is not implemented")
}

func TestPropertiesAreCheckedByTheSchema(t *testing.T) {
	c := newClient(t, nil)

	require.Equal(t, []provider.CheckFailure{
		{Property: "node", Reason: "is required and not set"},
		{Property: "clientConfiguration.caCertificate", Reason: "is required and not set"},
		{Property: "clientConfiguration.clientKey", Reason: "has to be a string"},
		{Property: "endpont", Reason: "is not a property here: there are clientConfiguration, endpoint, node, timeouts"},
	}, c.check("talos:machine/bootstrap:Bootstrap", fields{
		"endpont":             "10.60.0.10",
		"clientConfiguration": fields{"clientCertificate": "x", "clientKey": true},
	}))

	require.Empty(t, c.check("talos:machine/bootstrap:Bootstrap", fields{"node": computed, "clientConfiguration": computed}))
	require.NotEmpty(t, c.check("talos:machine/bootstrap:Bootstrap", fields{"node": "n"}), "clientConfiguration is needed")

	answer, err := c.invoke("talos:imageFactory/getUrls:getUrls", fields{"schematicId": "a", "talosVersion": "v1.13.0", "arch": "x"})
	require.NoError(t, err)
	require.Len(t, answer.Failures, 1)
	require.Equal(t, "arch", answer.Failures[0].Property)
}

func TestTheProviderRefusesConfigurationThatItDoesNotHave(t *testing.T) {
	c := newClient(t, nil)

	checked, err := c.server.CheckConfig(provider.CheckRequest{Inputs: properties(fields{
		"imageFactoryUrl": "http://127.203.0.1", "version": "0.8.1", "pluginDownloadURL": "x", "imageFactory": "typo",
	})})
	require.NoError(t, err)
	require.Len(t, checked.Failures, 1)
	require.Equal(t, "imageFactory", checked.Failures[0].Property)
}

func TestTheSchemaServedIsThePackages(t *testing.T) {
	served, err := newClient(t, nil).server.GetSchema(provider.GetSchemaRequest{})
	require.NoError(t, err)

	var schema struct{ Name, Version string }

	require.NoError(t, json.Unmarshal([]byte(served.Schema), &schema))
	require.Equal(t, talosprovider.Name+" "+talosprovider.Version, schema.Name+" "+schema.Version)
}
