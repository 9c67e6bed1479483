package readiness

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
)

// service wants an address where a load balancer gives one, and pods behind it where it selects any. A headless one
// and one without a selector are ready at once.
func service(ctx context.Context, objects dynamic.Interface, object *unstructured.Unstructured) (Verdict, error) {
	typed := &corev1.Service{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
		return Verdict{}, err
	}

	if typed.Spec.Type == corev1.ServiceTypeLoadBalancer && len(typed.Status.LoadBalancer.Ingress) == 0 {
		return waiting("no load balancer has given it an address"), nil
	}

	if typed.Spec.Type == corev1.ServiceTypeExternalName || typed.Spec.ClusterIP == corev1.ClusterIPNone || len(typed.Spec.Selector) == 0 {
		return ready, nil
	}

	slices, err := objects.Resource(discoveryv1.SchemeGroupVersion.WithResource("endpointslices")).
		Namespace(typed.Namespace).
		List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + typed.Name})
	if err != nil {
		return Verdict{}, err
	}

	return endpoints(slices)
}

func endpoints(slices *unstructured.UnstructuredList) (Verdict, error) {
	serving, pending := 0, 0

	for _, item := range slices.Items {
		slice := &discoveryv1.EndpointSlice{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, slice); err != nil {
			return Verdict{}, err
		}

		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
				serving++
			} else {
				pending++
			}
		}
	}

	if serving == 0 || pending > 0 {
		return waiting("%d of its endpoints are ready, %d are not", serving, pending), nil
	}

	return ready, nil
}

func ingress(object *networkingv1.Ingress) Verdict {
	if len(object.Status.LoadBalancer.Ingress) == 0 {
		return waiting("no controller has given it an address")
	}

	return ready
}
