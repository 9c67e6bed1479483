package machine

import (
	"context"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"

	"phoebe.dev/lab/internal/machine/resources"
)

// putWritten keeps what Talos says of the files that it writes for the static pods: another version each time that it
// writes them anew. What is no audit policy keeps it from that, and the files stay as they were.
func (b *boot) putWritten(ctx context.Context, node resources.Node) error {
	if !node.Config.Machine().Type().IsControlPlane() {
		return nil
	}

	// Whatever changes of what the certificates and kubeconfigs are made from, all of them are issued anew.
	issued := k8s.NewSecretsStatus(k8s.ControlPlaneNamespaceName, k8s.StaticPodSecretsStaticPodID)
	issued.TypedSpec().Ready, issued.TypedSpec().Version = true, b.version(secrets.NewKubernetesRoot(secrets.KubernetesRootID))

	if err := b.put(ctx, issued); err != nil {
		return err
	}

	if err := resources.CheckAuditPolicy(node.Config.Cluster().APIServer().AuditPolicy()); err != nil {
		b.logs.Printf("controller failed: k8s.RenderConfigsStaticPodController: %v", err)
		b.machine.note("files of the API server not written", err.Error())

		return nil
	}

	files := k8s.NewConfigStatus(k8s.ControlPlaneNamespaceName, k8s.ConfigStatusStaticPodID)
	files.TypedSpec().Ready = true
	files.TypedSpec().Version = b.version(k8s.NewAdmissionControlConfig()) + b.version(k8s.NewAuditPolicyConfig()) +
		b.version(k8s.NewAuthorizationConfig()) + b.version(k8s.NewSchedulerConfig())

	return b.put(ctx, files)
}

// version is that of a resource now; empty where there is none.
func (b *boot) version(of resource.Resource) string {
	found, err := b.resources.Get(context.Background(), of.Metadata())
	if err != nil {
		return ""
	}

	return found.Metadata().Version().String()
}

// marks are the annotations by which a static pod says what it was made from, so that a client can tell when a change has
// arrived there. Files are the API server's alone.
func (b *boot) marks(staticPod string) map[string]string {
	made := map[string]resource.Resource{
		k8s.APIServerID: k8s.NewAPIServerConfig(), k8s.ControllerManagerID: k8s.NewControllerManagerConfig(), k8s.SchedulerID: k8s.NewSchedulerConfig(),
	}
	marks := map[string]string{constants.AnnotationStaticPodConfigVersion: b.version(made[staticPod])}

	issued, err := safe.StateGetByID[*k8s.SecretsStatus](context.Background(), b.resources.State, k8s.StaticPodSecretsStaticPodID)
	if err == nil {
		marks[constants.AnnotationStaticPodSecretsVersion] = issued.TypedSpec().Version
	}

	files, err := safe.StateGetByID[*k8s.ConfigStatus](context.Background(), b.resources.State, k8s.ConfigStatusStaticPodID)
	if err == nil && staticPod == k8s.APIServerID {
		marks[constants.AnnotationStaticPodConfigFileVersion] = files.TypedSpec().Version
	}

	return marks
}
