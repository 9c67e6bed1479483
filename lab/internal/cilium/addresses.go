package cilium

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"phoebe.dev/lab/internal/apiservers"
)

// satisfied is the condition by which a Service says whether it has the addresses that it wants.
const satisfied = "cilium.io/IPAMRequestSatisfied"

// balance gives each Service of type LoadBalancer the addresses that it asks for, or the first that is free, out of the pools for it.
// It does nothing as long as there is no pool, as Cilium.
func balance(ctx context.Context, client *apiservers.Client) error {
	available, err := pools(ctx, client.Dynamic)
	if err != nil || len(available) == 0 {
		return err
	}

	list, err := client.CoreV1().Services(metav1.NamespaceAll).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return err
	}

	services := slices.DeleteFunc(list.Items, func(s corev1.Service) bool { return !isOurs(&s) })
	taken := map[netip.Addr]types.UID{}

	for i := range services { // who has an address keeps it
		for _, ip := range given(&services[i]) {
			taken[ip] = services[i].UID
		}
	}

	for i := range services {
		service := &services[i]

		wanted, reason := choose(service, available, taken)
		for _, ip := range wanted {
			taken[ip] = service.UID
		}

		if err := tell(ctx, client, service, wanted, reason); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}

	return nil
}

func isOurs(service *corev1.Service) bool {
	classes := []string{"", "io.cilium/bgp-control-plane", "io.cilium/l2-announcer"}
	class := ""

	if service.Spec.LoadBalancerClass != nil {
		class = *service.Spec.LoadBalancerClass
	}

	return service.Spec.Type == corev1.ServiceTypeLoadBalancer && slices.Contains(classes, class)
}

func given(service *corev1.Service) []netip.Addr {
	var ips []netip.Addr

	for _, ingress := range service.Status.LoadBalancer.Ingress {
		if ip, err := netip.ParseAddr(ingress.IP); err == nil {
			ips = append(ips, ip)
		}
	}

	return ips
}

func requested(service *corev1.Service) []netip.Addr {
	asked := service.Spec.LoadBalancerIP
	for _, annotation := range []string{"lbipam.cilium.io/ips", "io.cilium/lb-ipam-ips"} {
		asked += "," + service.Annotations[annotation]
	}

	var ips []netip.Addr

	for text := range strings.SplitSeq(asked, ",") {
		if ip, err := netip.ParseAddr(strings.TrimSpace(text)); err == nil {
			ips = append(ips, ip)
		}
	}

	return ips
}

// choose says which addresses a Service is to have, and by a word of Cilium's why it has none, or not all.
func choose(service *corev1.Service, available []pool, taken map[netip.Addr]types.UID) (wanted []netip.Addr, reason string) {
	var ranges []span

	for _, p := range available {
		if p.serves(service) {
			ranges = append(ranges, p.ranges...)
		}
	}

	if len(ranges) == 0 {
		return nil, "no_pool"
	}

	free := func(ip netip.Addr) bool {
		owner, isTaken := taken[ip]

		return !isTaken || owner == service.UID
	}
	inPool := func(ip netip.Addr) bool {
		return slices.ContainsFunc(ranges, func(s span) bool { return s.contains(ip) })
	}

	if asked := requested(service); len(asked) > 0 {
		for _, ip := range asked {
			switch {
			case !inPool(ip):
				reason = "not_in_pool"
			case !free(ip):
				reason = "already_allocated"
			default:
				wanted = append(wanted, ip)
			}
		}

		return wanted, reason
	}

	for _, ip := range given(service) {
		if inPool(ip) {
			return []netip.Addr{ip}, ""
		}
	}

	for _, s := range ranges {
		for ip := s.first; s.contains(ip); ip = ip.Next() {
			if free(ip) {
				return []netip.Addr{ip}, ""
			}
		}
	}

	return nil, "out_of_ips"
}

// tell writes a Service's status, where it is another.
func tell(ctx context.Context, client *apiservers.Client, service *corev1.Service, wanted []netip.Addr, reason string) error {
	condition := metav1.Condition{Type: satisfied, Status: metav1.ConditionTrue, Reason: "satisfied", LastTransitionTime: metav1.Now()}
	if reason != "" {
		condition.Status, condition.Reason = metav1.ConditionFalse, reason
	}

	said := slices.ContainsFunc(service.Status.Conditions, func(c metav1.Condition) bool {
		return c.Type == condition.Type && c.Status == condition.Status && c.Reason == condition.Reason
	})
	if said && slices.Equal(given(service), wanted) {
		return nil
	}

	ingress := []map[string]string{}
	for _, ip := range wanted {
		ingress = append(ingress, map[string]string{"ip": ip.String()})
	}

	patch, err := json.Marshal(map[string]any{"status": map[string]any{
		"loadBalancer": map[string]any{"ingress": ingress}, "conditions": []metav1.Condition{condition},
	}})
	if err != nil {
		return err
	}

	_, err = client.CoreV1().Services(service.Namespace).
		Patch(ctx, service.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: "cilium-operator-lb-ipam"}, "status")

	return err
}
