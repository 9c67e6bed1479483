package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	moved "phoebe.dev/lab/internal/addresses"
)

// run is a pod that runs in this boot.
type run struct {
	pod   string // its key
	at    metav1.Time
	ip    string
	cni   bool
	count int32 // restarts
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

	r := run{pod: key, at: now(), ip: p.hostIP(), cni: IsCNI(&pod.Spec), count: restarts(pod)}
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

// hostIP is the address of a pod on the node's own network.
func (p *pods) hostIP() string { return moved.OfPod(p.Address).String() }

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
