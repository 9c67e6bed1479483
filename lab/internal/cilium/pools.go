package cilium

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

var poolResource = schema.GroupVersionResource{Group: group, Version: "v2", Resource: "ciliumloadbalancerippools"}

// poolSpec is that of a CiliumLoadBalancerIPPool.
type poolSpec struct {
	Blocks []struct {
		CIDR  string `json:"cidr"`
		Start string `json:"start"`
		Stop  string `json:"stop"`
	} `json:"blocks"`
	AllowFirstLastIPs string                `json:"allowFirstLastIPs"`
	Disabled          bool                  `json:"disabled"`
	ServiceSelector   *metav1.LabelSelector `json:"serviceSelector"`
}

// pool is what it says: which Services get addresses, and which addresses.
type pool struct {
	selector labels.Selector
	ranges   []span
}

// span is a range of addresses, both ends in it.
type span struct{ first, last netip.Addr }

func (s span) contains(ip netip.Addr) bool {
	return s.first.Compare(ip) <= 0 && ip.Compare(s.last) <= 0
}

// pools are those that give addresses; none while the kind is not registered.
func pools(ctx context.Context, client dynamic.Interface) ([]pool, error) {
	list, err := client.Resource(poolResource).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}

	if err != nil {
		return nil, err
	}

	var all []pool

	for _, item := range list.Items {
		content := struct {
			Spec poolSpec `json:"spec"`
		}{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &content); err != nil {
			return nil, fmt.Errorf("pool %s: %w", item.GetName(), err)
		}

		if content.Spec.Disabled {
			continue
		}

		p, err := content.Spec.read()
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", item.GetName(), err)
		}

		all = append(all, p)
	}

	return all, nil
}

func (s poolSpec) read() (p pool, err error) {
	if p.selector = labels.Everything(); s.ServiceSelector != nil {
		if p.selector, err = metav1.LabelSelectorAsSelector(s.ServiceSelector); err != nil {
			return p, err
		}
	}

	for _, block := range s.Blocks {
		if strings.Contains(block.CIDR+block.Start, ":") {
			continue // a lab has no IPv6
		}

		var addresses span
		if block.CIDR != "" {
			addresses, err = s.cidr(block.CIDR)
		} else {
			addresses, err = between(block.Start, block.Stop)
		}

		if err != nil {
			return p, err
		}

		p.ranges = append(p.ranges, addresses)
	}

	return p, nil
}

func (s poolSpec) cidr(text string) (span, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return span{}, err
	}

	first := prefix.Masked().Addr().As4()
	last := first

	for bit := prefix.Bits(); bit < 32; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}

	all := span{netip.AddrFrom4(first), netip.AddrFrom4(last)}
	if s.AllowFirstLastIPs == "No" && prefix.Bits() < 31 {
		all = span{all.first.Next(), all.last.Prev()}
	}

	return all, nil
}

func between(start, stop string) (span, error) {
	first, err := netip.ParseAddr(start)
	if err != nil {
		return span{}, err
	}

	if stop == "" {
		return span{first, first}, nil
	}

	last, err := netip.ParseAddr(stop)

	return span{first, last}, err
}

// serves tells whether the pool gives addresses to a Service. Its selector may name the Service itself.
func (p pool) serves(service *corev1.Service) bool {
	known := labels.Set{}
	for key, value := range service.Labels {
		known[key] = value
	}

	known["io.kubernetes.service.namespace"], known["io.kubernetes.service.name"] = service.Namespace, service.Name

	return p.selector.Matches(known)
}
