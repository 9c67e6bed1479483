package kubernetesprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"phoebe.dev/lab/internal/kubernetesprovider/apitest"
	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// victimVariable makes this test binary a plugin process that does one thing, for a test to kill in the middle of it.
const victimVariable = "PHOEBE_VICTIM"

// order is what a victim is told to do.
type order struct {
	Kubeconfig     string
	Create, Update []byte // requests of the protocol
}

func victim() int {
	var what order
	if err := json.Unmarshal([]byte(os.Getenv(victimVariable)), &what); err != nil {
		fmt.Fprintln(os.Stderr, err)

		return 1
	}

	plugin := New(nil)
	ctx := context.Background()

	_, err := plugin.Configure(ctx, &pulumirpc.ConfigureRequest{Variables: map[string]string{prefix + "kubeconfig": what.Kubeconfig}})
	if err == nil && what.Create != nil {
		request := &pulumirpc.CreateRequest{}
		if err = proto.Unmarshal(what.Create, request); err == nil {
			_, err = plugin.Create(ctx, request)
		}
	}

	if err == nil && what.Update != nil {
		request := &pulumirpc.UpdateRequest{}
		if err = proto.Unmarshal(what.Update, request); err == nil {
			_, err = plugin.Update(ctx, request)
		}
	}

	fmt.Fprintln(os.Stderr, "not killed in time:", err)

	return 1
}

// killWhen starts a victim, waits for the release record that it writes, and kills it.
func killWhen(t *testing.T, what order, namespace, record string) {
	t.Helper()
	what.Kubeconfig = apitest.Shared(t).Kubeconfig
	text, err := json.Marshal(what)
	require.NoError(t, err)

	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), victimVariable+"="+string(text))
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	awaitRecord(t, namespace, record)
	awaitDeployment(t, namespace)
	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())
}

// awaitDeployment waits for what the endless chart makes.
func awaitDeployment(t *testing.T, namespace string) {
	t.Helper()
	client := objects(t, "apps/v1/deployments", namespace)
	require.NoError(t, wait.PollUntilContextTimeout(context.Background(), 20*time.Millisecond, 60*time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := client.Get(ctx, "one", metav1.GetOptions{})

		return err == nil, nil
	}))
}

func marshal(t *testing.T, message proto.Message) []byte {
	t.Helper()

	bytes, err := proto.Marshal(message)
	require.NoError(t, err)

	return bytes
}

func TestInstallThatIsKilledStaysPending(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": endless(t), "name": "one", "namespace": space}
	urn := urnOf(releaseToken, "one")
	inputs, err := plugin.check(urn, nil, program)
	require.NoError(t, err)

	request := &pulumirpc.CreateRequest{Urn: urn}
	request.Properties, err = properties.Marshal("inputs", inputs)
	require.NoError(t, err)

	const record = "sh.helm.release.v1.one.v1"
	killWhen(t, order{Create: marshal(t, request)}, space, record)
	require.Equal(t, "pending-install", recordOf(t, space, record))

	program["skipAwait"] = true
	_, err = plugin.create(releaseToken, "one", program)
	require.ErrorContains(t, err, "cannot re-use a name that is still in use")

	program["replace"] = true
	_, err = plugin.create(releaseToken, "one", program)
	require.ErrorContains(t, err, "cannot re-use a name that is still in use", "replace does not help")
	delete(program, "replace")

	require.NoError(t, objects(t, "v1/secrets", space).Delete(context.Background(), record, metav1.DeleteOptions{}))
	plugin.must(releaseToken, "one", program)
	require.Equal(t, "deployed", recordOf(t, space, record), "the rerun takes the objects over")
}

func TestUpgradeThatIsKilledStaysPending(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": endless(t), "name": "one", "namespace": space, "skipAwait": true}
	created := plugin.must(releaseToken, "one", program)
	program["skipAwait"] = false
	_, inputs := plugin.diff(created, program)
	request := &pulumirpc.UpdateRequest{Urn: created.urn, Id: created.id}

	var err error

	request.Olds, err = properties.Marshal("state", created.outputs)
	require.NoError(t, err)
	request.News, err = properties.Marshal("inputs", inputs)
	require.NoError(t, err)

	const record = "sh.helm.release.v1.one.v2"
	killWhen(t, order{Update: marshal(t, request)}, space, record)
	require.Equal(t, "pending-upgrade", recordOf(t, space, record))

	program["skipAwait"] = true
	_, err = plugin.update(created, program)
	require.ErrorContains(t, err, "another operation (install/upgrade/rollback) is in progress")
	require.NoError(t, objects(t, "v1/secrets", space).Delete(context.Background(), record, metav1.DeleteOptions{}))

	_, err = plugin.update(created, program)
	require.NoError(t, err)
}
