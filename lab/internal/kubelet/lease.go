package kubelet

import (
	"context"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	leasePeriod   = 3 * time.Second
	leaseDuration = 40 // seconds, as a kubelet's
)

// renewLease is the node's heartbeat. The Node object itself is left alone while nothing changes.
func (n *node) renewLease(ctx context.Context) {
	leases := n.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	seconds := int32(leaseDuration)

	var lease *coordinationv1.Lease

	renew := func() (err error) {
		now := metav1.NewMicroTime(time.Now())

		if lease == nil {
			lease = &coordinationv1.Lease{
				ObjectMeta: metav1.ObjectMeta{
					Name: n.Hostname, Namespace: corev1.NamespaceNodeLease, OwnerReferences: []metav1.OwnerReference{n.owner()},
				},
				Spec: coordinationv1.LeaseSpec{HolderIdentity: &n.Hostname, LeaseDurationSeconds: &seconds, RenewTime: &now},
			}

			lease, err = leases.Create(ctx, lease, metav1.CreateOptions{})
			if apierrors.IsAlreadyExists(err) {
				lease, err = leases.Get(ctx, n.Hostname, metav1.GetOptions{})
			}
		}

		if err == nil {
			lease.Spec.RenewTime = &now
			lease, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
		}

		if err != nil {
			lease = nil
		}

		return err
	}

	ticker := time.NewTicker(leasePeriod)
	defer ticker.Stop()

	for {
		if err := renew(); err != nil && ctx.Err() == nil {
			n.logf("node lease: %s", err)
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
