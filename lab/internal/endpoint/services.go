package endpoint

import (
	"context"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"phoebe.dev/lab/internal/addresses"
	"phoebe.dev/lab/internal/apiservers"
	"phoebe.dev/lab/internal/kubelet"
)

// cached answers may be some moments old, and cost an API server little.
var cached = metav1.ListOptions{ResourceVersion: "0"}

// networkRuns tells whether a CNI's pod is ready on any node.
func networkRuns(ctx context.Context, client *apiservers.Client) (bool, error) {
	sets, err := client.AppsV1().DaemonSets(metav1.NamespaceAll).List(ctx, cached)
	if err != nil {
		return false, err
	}

	for _, set := range sets.Items {
		if !kubelet.IsCNI(&set.Spec.Template.Spec) {
			continue
		}

		pods, err := client.CoreV1().Pods(set.Namespace).List(ctx, metav1.ListOptions{
			LabelSelector: metav1.FormatLabelSelector(set.Spec.Selector), ResourceVersion: "0",
		})
		if err != nil {
			return false, err
		}

		for _, pod := range pods.Items {
			if pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodRunning && kubelet.IsReady(&pod) {
				return true, nil
			}
		}
	}

	return false, nil
}

// behind lists what a Service of type LoadBalancer that was given the endpoint's address and has its port sends to: its ready pods.
func behind(ctx context.Context, client *apiservers.Client, endpoint netip.AddrPort) ([]netip.AddrPort, error) {
	services, err := client.CoreV1().Services(metav1.NamespaceAll).List(ctx, cached)
	if err != nil {
		return nil, err
	}

	var pods []netip.AddrPort

	for _, service := range services.Items {
		if !holds(&service, endpoint) {
			continue
		}

		endpoints, err := client.DiscoveryV1().EndpointSlices(service.Namespace).List(ctx, metav1.ListOptions{
			LabelSelector: discoveryv1.LabelServiceName + "=" + service.Name, ResourceVersion: "0",
		})
		if err != nil {
			return nil, err
		}

		for _, slice := range endpoints.Items {
			pods = append(pods, readyIn(&slice)...)
		}
	}

	return pods, nil
}

func holds(service *corev1.Service, endpoint netip.AddrPort) bool {
	return service.Spec.Type == corev1.ServiceTypeLoadBalancer &&
		slices.ContainsFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == int32(endpoint.Port()) }) &&
		slices.ContainsFunc(service.Status.LoadBalancer.Ingress, func(i corev1.LoadBalancerIngress) bool {
			ip, err := netip.ParseAddr(i.IP)

			return err == nil && addresses.Move(ip) == endpoint.Addr()
		})
}

func readyIn(slice *discoveryv1.EndpointSlice) []netip.AddrPort {
	var ready []netip.AddrPort

	for _, endpoint := range slice.Endpoints {
		if endpoint.Conditions.Ready != nil && !*endpoint.Conditions.Ready {
			continue
		}

		for _, port := range slice.Ports {
			for _, address := range endpoint.Addresses {
				if ip, err := netip.ParseAddr(address); err == nil && port.Port != nil {
					ready = append(ready, netip.AddrPortFrom(addresses.Move(ip), uint16(*port.Port))) // validated by the API server
				}
			}
		}
	}

	return ready
}
