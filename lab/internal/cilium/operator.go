// Package cilium plays that part of Cilium's operator that a stack sees: the kinds that it makes, and the addresses that it gives
// to Services of type LoadBalancer.
package cilium

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"phoebe.dev/lab/internal/apiservers"
	"phoebe.dev/lab/internal/kubelet"
)

const (
	group = "cilium.io"
	// period is how often it is looked for what there is to do.
	period = time.Second
	// operatorLabel is on the operator's pods.
	operatorLabel = "io.cilium/app=operator"
)

// Run works where the operator's pod runs, on the servers that answer, until ctx ends.
func Run(ctx context.Context, servers func() []apiservers.Server, output io.Writer) {
	clients := apiservers.New()
	defer clients.Close()

	ticker := time.NewTicker(period)
	defer ticker.Stop()

	var (
		o    operator
		said string
	)

	for {
		err := clients.Ask(ctx, servers(), o.work)
		if text := fmt.Sprint(err); text != said && ctx.Err() == nil {
			if said = text; err != nil {
				fmt.Fprintf(output, "Cilium's operator: %s\n", err)
			}
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

type operator struct {
	registered types.UID // the pod that has registered the kinds
}

func (o *operator) work(ctx context.Context, client *apiservers.Client) error {
	pod, err := o.pod(ctx, client)
	if err != nil || pod == "" {
		return err
	}

	if o.registered != pod {
		if err := register(ctx, client.Dynamic); err != nil {
			return err
		}

		o.registered = pod
	}

	return balance(ctx, client)
}

// pod is the operator's that runs, "" while none does.
func (o *operator) pod(ctx context.Context, client *apiservers.Client) (types.UID, error) {
	pods, err := client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{LabelSelector: operatorLabel, ResourceVersion: "0"})
	if err != nil {
		return "", err
	}

	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodRunning && kubelet.IsReady(&pod) {
			return pod.UID, nil
		}
	}

	return "", nil
}
