package kubelet

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// node keeps the Node object and its Lease.
type node struct {
	*Kubelet
	client   kubernetes.Interface
	informer cache.SharedIndexInformer

	mutex sync.Mutex
	uid   types.UID
	cni   bool
	wake  chan struct{}
}

func newNode(k *Kubelet, client kubernetes.Interface) *node {
	watched := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "nodes", "",
		fields.OneTermEqualSelector("metadata.name", k.Hostname))
	n := &node{
		Kubelet: k, client: client, wake: make(chan struct{}, 1),
		informer: cache.NewSharedIndexInformer(watched, &corev1.Node{}, 0, nil),
	}
	k.logWatchErrors(n.informer)
	// Whoever changes the status (the controller manager marks a node that it misses) is corrected.
	_, _ = n.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{ // fails only after a stop
		AddFunc: func(any) { n.poke() }, UpdateFunc: func(any, any) { n.poke() },
	})

	return n
}

// register creates the Node, or takes over the one of an earlier boot, or of an earlier kubelet, whose pods still run.
func (n *node) register(ctx context.Context, rebooted bool) error {
	return n.retry(ctx, "registering the node", func() error {
		created, err := n.client.CoreV1().Nodes().Create(ctx, n.object(), metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			created, err = n.client.CoreV1().Nodes().Get(ctx, n.Hostname, metav1.GetOptions{})
		}

		if err != nil {
			return err
		}

		n.mutex.Lock()
		n.uid = created.UID
		n.cni = n.cni || !rebooted && isNodeReady(created)
		n.mutex.Unlock()

		return n.update(ctx, created)
	})
}

func (n *node) object() *corev1.Node {
	object := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.Hostname, Labels: map[string]string{
		corev1.LabelHostname: n.Hostname, corev1.LabelArchStable: n.Arch, corev1.LabelOSStable: "linux",
		"beta.kubernetes.io/arch": n.Arch, "beta.kubernetes.io/os": "linux",
	}}}

	if cfg := n.current(); cfg.Machine().Type().IsControlPlane() && !cfg.Cluster().ScheduleOnControlPlanes() {
		object.Spec.Taints = []corev1.Taint{{Key: constants.LabelNodeRoleControlPlane, Effect: corev1.TaintEffectNoSchedule}}
	}

	return object
}

// owner refers to the Node from what belongs to it.
func (n *node) owner() metav1.OwnerReference {
	n.mutex.Lock()
	defer n.mutex.Unlock()

	return metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: n.Hostname, UID: n.uid}
}

// setCNI notes whether the node's network is there.
func (n *node) setCNI(running bool) {
	n.mutex.Lock()
	changed := n.cni != running
	n.cni = running
	n.mutex.Unlock()

	if changed {
		n.poke()
	}
}

func (n *node) hasCNI() bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()

	return n.cni
}

func (n *node) poke() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// podCIDR is the range that the controller manager gave the node; empty until then.
func (n *node) podCIDR() string {
	for _, stored := range n.informer.GetStore().List() {
		if object, ok := stored.(*corev1.Node); ok {
			return object.Spec.PodCIDR
		}
	}

	return ""
}

// keep writes the status whenever it is not what it should be.
func (n *node) keep(ctx context.Context) {
	go n.informer.Run(ctx.Done())

	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		}

		for _, stored := range n.informer.GetStore().List() {
			if object, ok := stored.(*corev1.Node); ok {
				if err := n.update(ctx, object); err != nil && ctx.Err() == nil {
					n.logf("node status: %s", err) // the watch brings the newer object, and another try
					time.AfterFunc(time.Second, n.poke)
				}
			}
		}
	}
}

func (n *node) update(ctx context.Context, object *corev1.Node) error {
	next := object.DeepCopy()
	n.setStatus(&next.Status)

	if equality.Semantic.DeepEqual(object.Status, next.Status) {
		return nil
	}

	// A patch of the status alone: a whole object that is behind would be a change of the taints, which a node may not make.
	patch, err := statusPatch(object, next)
	if err != nil {
		return err
	}

	_, err = n.client.CoreV1().Nodes().Patch(ctx, n.Hostname, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")

	return err
}

func statusPatch(from, to *corev1.Node) ([]byte, error) {
	before, err := json.Marshal(corev1.Node{Status: from.Status})
	if err != nil {
		return nil, err
	}

	after, err := json.Marshal(corev1.Node{Status: to.Status})
	if err != nil {
		return nil, err
	}

	return strategicpatch.CreateTwoWayMergePatch(before, after, corev1.Node{})
}

// version is the kubelet's, as its image says: v1.36.3.
func (k *Kubelet) version() string { return tag(k.current().Machine().Kubelet().Image()) }

func tag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")

	return tag
}

func (k *Kubelet) osImage() string { return fmt.Sprintf("Talos (%s)", k.TalosVersion) }
