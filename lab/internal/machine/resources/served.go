package resources

import (
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
	timeres "github.com/siderolabs/talos/pkg/machinery/resources/time"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

// servedNamespaces are Talos's, with Talos's words.
var servedNamespaces = map[string]string{
	v1alpha1.NamespaceName:        "Talos v1alpha1 subsystems glue resources.",
	cluster.NamespaceName:         "Cluster configuration and discovery resources.",
	config.NamespaceName:          "Talos node configuration.",
	etcd.NamespaceName:            "etcd resources.",
	hardware.NamespaceName:        "Hardware resources.",
	k8s.NamespaceName:             "Kubernetes all node types resources.",
	k8s.ControlPlaneNamespaceName: "Kubernetes control plane resources.",
	network.NamespaceName:         "Networking resources.",
	secrets.NamespaceName:         "Resources with secret material.",
}

// servedTypes are what the simulated machine fills in; of Talos's other types a client
// is told that they are not supported.
var servedTypes = []meta.ResourceWithRD{
	&block.Disk{},
	&block.SystemDisk{},
	&block.VolumeStatus{},
	&cluster.Identity{},
	&cluster.Info{},
	&cluster.Member{},
	&config.MachineConfig{},
	&config.MachineType{},
	&etcd.Member{},
	&hardware.SystemInformation{},
	&k8s.AdmissionControlConfig{},
	&k8s.APIServerConfig{},
	&k8s.AuditPolicyConfig{},
	&k8s.AuthorizationConfig{},
	&k8s.BootstrapManifestsConfig{},
	&k8s.ConfigStatus{},
	&k8s.ControllerManagerConfig{},
	&k8s.Endpoint{},
	&k8s.ExtraManifestsConfig{},
	&k8s.KubeletConfig{},
	&k8s.KubeletSpec{},
	&k8s.Manifest{},
	&k8s.Nodename{},
	&k8s.NodeStatus{},
	&k8s.SchedulerConfig{},
	&k8s.SecretsStatus{},
	&k8s.StaticPod{},
	&k8s.StaticPodStatus{},
	&network.HostnameStatus{},
	&network.NodeAddress{},
	&network.Status{},
	&runtime.Diagnostic{},
	&runtime.ExtensionStatus{},
	&runtime.MachineStatus{},
	&runtime.PlatformMetadata{},
	&runtime.SecurityState{},
	&runtime.Version{},
	&secrets.KubernetesRoot{},
	&timeres.Status{},
	&v1alpha1.Service{},
}
