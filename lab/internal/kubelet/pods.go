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
	// cniReplacement is how long a node's network outlives its CNI's pod: an update replaces the pod.
	cniReplacement = 5 * time.Second
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

// run is a pod that runs in this boot.
type run struct {
	pod   string // its key
	at    metav1.Time
	ip    string
	cni   bool
	count int32 // restarts
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

// running gives the run of a pod that was started in this boot, be it by a kubelet before this one.
func (p *pods) running(key string, pod *corev1.Pod) (run, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	if r, ok := p.started[pod.UID]; ok {
		return r, true
	}

	if p.rebooted || p.adopted[pod.UID] || !allStarted(pod) {
		p.adopted[pod.UID] = true

		return run{}, false
	}

	p.adopted[pod.UID] = true
	r := run{pod: key, at: startTime(pod), ip: pod.Status.PodIP, cni: IsCNI(&pod.Spec), count: restarts(pod)}
	p.started[pod.UID] = r
	p.addresses.take(r.ip)

	return r, true
}

func (p *pods) start(key string, pod *corev1.Pod) (run, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	r := run{pod: key, at: now(), ip: p.node.Address.String(), cni: IsCNI(&pod.Spec), count: restarts(pod)}
	if ranBefore(pod) {
		r.count++
	}

	if !pod.Spec.HostNetwork {
		var err error
		if r.ip, err = p.addresses.next(p.node.podCIDR()); err != nil {
			return run{}, err
		}
	}

	p.started[pod.UID] = r

	return r, nil
}

// now is as precise as times are stored, so that a stored status is equal to the one written.
func now() metav1.Time { return metav1.NewTime(time.Now().Truncate(time.Second)) }

func (p *pods) forget(which func(run) bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	for uid, r := range p.started {
		if which(r) {
			p.addresses.release(r.ip)
			delete(p.started, uid)
		}
	}
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

// updateCNI tells the node whether its network is there, and the waiting pods when it has come.
func (p *pods) updateCNI() {
	p.mutex.Lock()

	present := false
	for _, r := range p.started {
		present = present || r.cni
	}

	if present {
		p.cniSeen = time.Now()
	}

	// A replaced pod's successor has the time to come.
	if !present && time.Since(p.cniSeen) < cniReplacement {
		present = true

		time.AfterFunc(cniReplacement, func() { p.updateCNI() })
	}
	p.mutex.Unlock()

	came := present && !p.node.hasCNI()
	p.node.setCNI(present)

	if came {
		for _, key := range p.informer.GetStore().ListKeys() {
			p.queue.Add(key)
		}
	}
}
