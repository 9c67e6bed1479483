package kubelet

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

const (
	// missingPeriod is how often a pod looks again for what it needs.
	missingPeriod    = time.Second
	staticPodsPeriod = 250 * time.Millisecond
)

// pods runs the pods that are bound to the node, as records.
type pods struct {
	*Kubelet
	client   kubernetes.Interface
	node     *node
	informer cache.SharedIndexInformer
	queue    workqueue.TypedRateLimitingInterface[string]
	// rebooted: what a pod's status says of running is from an earlier boot.
	rebooted bool

	mutex   sync.Mutex
	started map[types.UID]run
	// adopted are the pods whose status was looked at once since this start.
	adopted   map[types.UID]bool
	addresses *addresses
	cniSeen   time.Time
	warned    map[types.UID]string
}

func newPods(k *Kubelet, client kubernetes.Interface, n *node, rebooted bool) *pods {
	watched := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll,
		fields.OneTermEqualSelector("spec.nodeName", k.Hostname))
	p := &pods{
		Kubelet: k, client: client, node: n, rebooted: rebooted, addresses: newAddresses(),
		informer: cache.NewSharedIndexInformer(watched, &corev1.Pod{}, 0, nil),
		queue:    workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
		started:  map[types.UID]run{}, adopted: map[types.UID]bool{}, warned: map[types.UID]string{},
	}

	k.logWatchErrors(p.informer)

	add := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			p.queue.Add(key)
		}
	}
	_, _ = p.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{ // fails only after a stop
		AddFunc: add, UpdateFunc: func(_, object any) { add(object) }, DeleteFunc: add,
	})

	if n.hasCNI() {
		p.cniSeen = time.Now() // its pod is yet to be looked at
	}

	return p
}

func (p *pods) run(ctx context.Context) {
	go p.informer.Run(ctx.Done())

	if !cache.WaitForCacheSync(ctx.Done(), p.informer.HasSynced) {
		return
	}

	var loops sync.WaitGroup

	loops.Go(func() { p.keepStaticPods(ctx) })
	loops.Go(func() { p.work(ctx) })
	<-ctx.Done()
	p.queue.ShutDown()
	loops.Wait()
}

func (p *pods) work(ctx context.Context) {
	for {
		key, shutdown := p.queue.Get()
		if shutdown {
			return
		}

		if err := p.reconcile(ctx, key); err != nil && ctx.Err() == nil {
			p.logf("pod %s: %s", key, err)
			p.queue.AddRateLimited(key)
		} else {
			p.queue.Forget(key)
		}

		p.queue.Done(key)
	}
}

// reconcile brings one pod a step further; the watch brings it back for the next.
func (p *pods) reconcile(ctx context.Context, key string) error {
	defer p.updateCNI()

	stored, exists, err := p.informer.GetStore().GetByKey(key)
	if err != nil {
		return err
	}

	pod, ok := stored.(*corev1.Pod)
	if !exists || !ok {
		p.forget(func(r run) bool { return r.pod == key })

		return nil
	}

	switch {
	case pod.DeletionTimestamp != nil:
		return p.finalize(ctx, pod)
	case isMirror(pod):
		return nil // keepStaticPods
	case pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed:
		p.forget(func(r run) bool { return r.pod == key })

		return nil
	default:
		return p.advance(ctx, key, pod)
	}
}

// advance starts a pod as soon as it can run.
func (p *pods) advance(ctx context.Context, key string, pod *corev1.Pod) error {
	status, started := p.running(key, pod)
	if started {
		return p.write(ctx, pod, runningStatus(pod, status, p.node.Address.String()))
	}

	// What the last boot said is taken back first; the watch brings the pod here again.
	waiting := waitingStatus(pod, p.node.Address.String())
	if allStarted(pod) {
		return p.write(ctx, pod, waiting)
	}

	missing, err := p.missing(ctx, pod)
	if err != nil {
		return err
	}

	if missing != "" || !pod.Spec.HostNetwork && (!p.node.hasCNI() || p.node.podCIDR() == "") {
		p.queue.AddAfter(key, missingPeriod)

		return errors.Join(p.write(ctx, pod, waiting), p.warn(ctx, pod, missing))
	}

	status, err = p.start(key, pod)
	if err != nil {
		return err
	}

	if isJob(pod) {
		return p.write(ctx, pod, succeededStatus(pod, status, p.node.Address.String()))
	}

	return p.write(ctx, pod, runningStatus(pod, status, p.node.Address.String()))
}

// finalize ends a pod that was deleted: its containers need no grace.
func (p *pods) finalize(ctx context.Context, pod *corev1.Pod) error {
	grace := int64(0)

	err := p.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &grace, Preconditions: &metav1.Preconditions{UID: &pod.UID},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}

	return err
}

func (p *pods) write(ctx context.Context, pod *corev1.Pod, status corev1.PodStatus) error {
	if equality.Semantic.DeepEqual(pod.Status, status) {
		return nil
	}

	next := pod.DeepCopy()
	next.Status = status

	_, err := p.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // the watch brings what is newer
	}

	return err
}
