package kubernetesprovider

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"phoebe.dev/lab/internal/kubernetesprovider/apitest"
	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		os.Exit(victim())
	}

	code := m.Run()

	apitest.Stop()
	os.Exit(code)
}

type object = map[string]any

// engine asks the plugin what Pulumi's engine would ask.
type engine struct {
	t *testing.T
	*Provider
}

// state is what the engine would keep of a resource.
type state struct {
	urn             string
	id              string
	inputs, outputs resource.PropertyMap
}

// connect configures a plugin for the shared cluster; further settings come in pairs.
func connect(t *testing.T, settings ...string) engine {
	t.Helper()

	return configure(t, apitest.Shared(t).Kubeconfig, settings...)
}

func configure(t *testing.T, kubeconfig string, settings ...string) engine {
	t.Helper()

	variables := map[string]string{prefix + "kubeconfig": kubeconfig}
	for i := 0; i < len(settings); i += 2 {
		variables[prefix+settings[i]] = settings[i+1]
	}

	plugin := engine{t, New(nil)}
	t.Cleanup(plugin.cancel)
	_, err := plugin.Configure(context.Background(), &pulumirpc.ConfigureRequest{Variables: variables, AcceptSecrets: true})
	require.NoError(t, err)

	return plugin
}

func urnOf(token, name string) string { return "urn:pulumi:test::phoebe::" + token + "::" + name }

// check runs Check for a new resource, or for one that has an old state.
func (engine engine) check(urn string, old *state, program object) (resource.PropertyMap, error) {
	engine.t.Helper()

	request := &pulumirpc.CheckRequest{Urn: urn}

	var err error

	request.News, err = properties.Marshal("program", resource.NewPropertyMapFromMap(program))
	require.NoError(engine.t, err)

	if old != nil {
		request.Olds, err = properties.Marshal("old inputs", old.inputs)
		require.NoError(engine.t, err)
	}

	response, err := engine.Check(context.Background(), request)
	if err != nil {
		return nil, err
	}

	for _, failure := range response.Failures {
		return nil, fmt.Errorf("%s: %s", failure.Property, failure.Reason)
	}

	return properties.Unmarshal("checked", response.Inputs)
}

func (engine engine) create(token, name string, program object) (*state, error) {
	return engine.creation(token, name, program, false)
}

func (engine engine) preview(token, name string, program object) (*state, error) {
	return engine.creation(token, name, program, true)
}

func (engine engine) creation(token, name string, program object, preview bool) (*state, error) {
	engine.t.Helper()

	result := &state{urn: urnOf(token, name)}

	var err error
	if result.inputs, err = engine.check(result.urn, nil, program); err != nil {
		return nil, err
	}

	request := &pulumirpc.CreateRequest{Urn: result.urn, Preview: preview}
	request.Properties, err = properties.Marshal("inputs", result.inputs)
	require.NoError(engine.t, err)

	response, err := engine.Create(context.Background(), request)
	if err != nil {
		return result.partly(err)
	}

	result.id = response.Id
	result.outputs, err = properties.Unmarshal("outputs", response.Properties)

	return result, err
}

// must creates what the test builds upon.
func (engine engine) must(token, name string, program object) *state {
	engine.t.Helper()
	result, err := engine.create(token, name, program)
	require.NoError(engine.t, err)

	return result
}

func (engine engine) diff(old *state, program object, ignore ...string) (*pulumirpc.DiffResponse, resource.PropertyMap) {
	engine.t.Helper()
	inputs, err := engine.check(old.urn, old, program)
	require.NoError(engine.t, err)

	request := &pulumirpc.DiffRequest{Urn: old.urn, Id: old.id, IgnoreChanges: ignore}
	request.Olds, err = properties.Marshal("state", old.outputs)
	require.NoError(engine.t, err)
	request.News, err = properties.Marshal("inputs", inputs)
	require.NoError(engine.t, err)
	response, err := engine.Diff(context.Background(), request)
	require.NoError(engine.t, err)

	return response, inputs
}

func (engine engine) update(old *state, program object, ignore ...string) (*state, error) {
	engine.t.Helper()
	_, inputs := engine.diff(old, program, ignore...)
	result := &state{urn: old.urn, id: old.id, inputs: inputs}
	request := &pulumirpc.UpdateRequest{Urn: old.urn, Id: old.id, IgnoreChanges: ignore}

	var err error

	request.Olds, err = properties.Marshal("state", old.outputs)
	require.NoError(engine.t, err)
	request.News, err = properties.Marshal("inputs", inputs)
	require.NoError(engine.t, err)

	response, err := engine.Update(context.Background(), request)
	if err != nil {
		return result.partly(err)
	}

	result.outputs, err = properties.Unmarshal("outputs", response.Properties)

	return result, err
}

// partly keeps what a failed initialization tells; of any other failure nothing is kept.
func (result *state) partly(cause error) (*state, error) {
	detail := initFailure(cause)
	if detail == nil {
		return nil, cause
	}

	result.id = detail.Id

	var err error
	if result.outputs, err = properties.Unmarshal("outputs", detail.Properties); err != nil {
		return nil, err
	}

	return result, cause
}

func initFailure(err error) *pulumirpc.ErrorResourceInitFailed {
	rpc, ok := rpcerror.FromError(err)
	if !ok {
		return nil
	}

	for _, detail := range rpc.Details() {
		if failed, ok := detail.(*pulumirpc.ErrorResourceInitFailed); ok {
			return failed
		}
	}

	return nil
}

// read refreshes a state, or imports by ID where the state has nothing else; nil is what is gone.
func (engine engine) read(old *state) (*state, error) {
	engine.t.Helper()

	request := &pulumirpc.ReadRequest{Urn: old.urn, Id: old.id}

	var err error
	if old.outputs != nil {
		request.Properties, err = properties.Marshal("state", old.outputs)
		require.NoError(engine.t, err)
		request.Inputs, err = properties.Marshal("inputs", old.inputs)
		require.NoError(engine.t, err)
	}

	response, err := engine.Read(context.Background(), request)
	if err != nil || response.Id == "" {
		return nil, err
	}

	result := &state{urn: old.urn, id: response.Id}
	result.outputs, err = properties.Unmarshal("outputs", response.Properties)
	require.NoError(engine.t, err)
	result.inputs, err = properties.Unmarshal("inputs", response.Inputs)

	return result, err
}

func (engine engine) delete(old *state) error {
	engine.t.Helper()

	outputs, err := properties.Marshal("state", old.outputs)
	require.NoError(engine.t, err)
	_, err = engine.Delete(context.Background(), &pulumirpc.DeleteRequest{Urn: old.urn, Id: old.id, Properties: outputs})

	return err
}

// objects is a client past the plugin: "apps/v1/deployments", "v1/secrets".
func objects(t *testing.T, path, namespace string) dynamic.ResourceInterface {
	t.Helper()

	cut := strings.LastIndex(path, "/")
	version, err := schema.ParseGroupVersion(path[:cut])
	require.NoError(t, err)

	client := apitest.Shared(t).Objects().Resource(version.WithResource(path[cut+1:]))
	if namespace == "" {
		return client
	}

	return client.Namespace(namespace)
}

// namespace makes one for a test.
func namespace(t *testing.T) string {
	t.Helper()

	name := strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	if len(name) > 60 {
		name = name[:60]
	}

	_, err := objects(t, "v1/namespaces", "").Create(context.Background(), &unstructured.Unstructured{Object: object{
		"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name},
	}}, metav1.CreateOptions{})
	require.NoError(t, err)

	return name
}

func configMap(namespace, name string, data object) object {
	return object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{
		"namespace": namespace, "name": name, "annotations": object{propagationAnnotation: "background"},
	}, "data": data}
}
