// Package readiness says when an object is ready to be built upon, and waits for it.
package readiness

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

// interval is how often an object is looked at. Looking anew, instead of watching, survives an API server that
// restarts in the middle of a rollout.
const interval = 500 * time.Millisecond

// Verdict is what a look at an object tells.
type Verdict struct {
	Ready   bool
	Failed  bool   // it will not become ready any more
	Message string // what it waits for, or why it failed
}

// rule judges an object; it may ask for others (a Service's endpoints).
type rule func(ctx context.Context, objects dynamic.Interface, object *unstructured.Unstructured) (Verdict, error)

// rules are the kinds that are waited for. All others are ready once they exist.
var rules = map[string]rule{
	"apps/Deployment":           judge(deployment),
	"apps/DaemonSet":            judge(daemonSet),
	"apps/StatefulSet":          judge(statefulSet),
	"batch/Job":                 judge(job),
	"/Pod":                      judge(pod),
	"/PersistentVolume":         judge(persistentVolume),
	"/PersistentVolumeClaim":    persistentVolumeClaim,
	"/ReplicationController":    judge(replicationController),
	"/Service":                  service,
	"networking.k8s.io/Ingress": judge(ingress),
}

func ruleFor(object *unstructured.Unstructured) rule {
	kind := object.GroupVersionKind()

	return rules[kind.Group+"/"+kind.Kind]
}

// Check looks once.
func Check(ctx context.Context, objects dynamic.Interface, object *unstructured.Unstructured) (Verdict, error) {
	if rule := ruleFor(object); rule != nil {
		return rule(ctx, objects, object)
	}

	return Verdict{Ready: true}, nil
}

// Await looks until the object is ready, has failed or the context ends. It returns the object as last seen.
func Await(ctx context.Context, objects dynamic.Interface, client dynamic.ResourceInterface, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if ruleFor(object) == nil {
		return object, nil
	}

	last := Verdict{Message: "not looked at yet"}

	err := wait.PollUntilContextCancel(ctx, interval, true, func(ctx context.Context) (bool, error) {
		current, err := client.Get(ctx, object.GetName(), metav1.GetOptions{})
		if err != nil {
			return false, passing(ctx, err, &last)
		}

		object = current

		verdict, err := Check(ctx, objects, current)
		if err != nil {
			return false, passing(ctx, err, &last)
		}

		last = verdict
		if verdict.Failed {
			return false, errors.New(verdict.Message)
		}

		return verdict.Ready, nil
	})
	if err != nil && ctx.Err() != nil {
		return object, fmt.Errorf("timed out or cancelled waiting for %s %q: %s", object.GetKind(), object.GetName(), last.Message)
	}

	return object, err
}

// passing keeps a wait alive while the API server does not answer; what it does answer, such as that the object is
// gone, ends it.
func passing(ctx context.Context, err error, last *Verdict) error {
	var answer apierrors.APIStatus
	if errors.As(err, &answer) && !apierrors.IsServiceUnavailable(err) && !apierrors.IsTooManyRequests(err) &&
		!apierrors.IsTimeout(err) && !apierrors.IsServerTimeout(err) && !apierrors.IsInternalError(err) {
		return err
	}

	if deadline, limited := ctx.Deadline(); ctx.Err() == nil && (!limited || time.Now().Before(deadline)) {
		last.Message = err.Error() // not that the time is up: that much will be said anyway
	}

	return nil
}

// AwaitGone waits until an object no longer exists, and returns it as last seen where it still does.
func AwaitGone(ctx context.Context, client dynamic.ResourceInterface, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	last := Verdict{Message: "it still exists"}
	uid := object.GetUID()

	err := wait.PollUntilContextCancel(ctx, interval, true, func(ctx context.Context) (bool, error) {
		current, err := client.Get(ctx, object.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}

		if err != nil {
			return false, passing(ctx, err, &last)
		}

		if uid != "" && current.GetUID() != uid {
			return true, nil // another object under the same name
		}

		object = current
		last.Message = fmt.Sprintf("it still exists, with finalizers %v", current.GetFinalizers())

		return false, nil
	})
	if err != nil && ctx.Err() != nil {
		return object, fmt.Errorf("timed out or cancelled waiting for %s %q to be deleted: %s", object.GetKind(), object.GetName(), last.Message)
	}

	return object, err
}
