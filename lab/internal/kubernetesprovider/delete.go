package kubernetesprovider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
	"phoebe.dev/lab/internal/kubernetesprovider/readiness"
)

// Delete removes an object and waits until it is gone; of a patch it only gives the fields back. What is gone already
// is deleted.
func (provider ordinary) Delete(_ context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	urn := resource.URN(request.GetUrn())

	state, err := properties.Unmarshal("old state", request.GetProperties())
	if err != nil {
		return nil, err
	}

	err = provider.remove(urn, state, request)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		err = nil
	}

	if err != nil {
		return nil, err
	}

	return &emptypb.Empty{}, nil
}

// goesUnawaited are the kinds whose skipAwait is about their deletion too; for all others it is about readiness alone.
var goesUnawaited = sets.New("Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job")

func (provider *Provider) remove(urn resource.URN, state resource.PropertyMap, request *pulumirpc.DeleteRequest) error {
	old := properties.ParseCheckpoint(state)

	client, err := provider.cluster.client(old.Live)
	if err != nil {
		return err
	}

	if isPatch(urn, old.Live.GetKind()) {
		return explainRelinquish(relinquish(provider.ctx, client, old.Live, old.FieldManager))
	}

	_, name := parseID(request.GetId())
	if err := client.Delete(provider.ctx, name, metav1.DeleteOptions{PropagationPolicy: propagation(old.Inputs)}); err != nil {
		return err
	}

	if annotated(old.Inputs, skipAwaitAnnotation) && goesUnawaited.Has(old.Live.GetKind()) {
		return nil
	}

	waiting, cancel := context.WithTimeout(provider.ctx, timeoutFor(request.GetTimeout(), old.Inputs))
	defer cancel()

	left, err := readiness.AwaitGone(waiting, client, old.Live)
	if err == nil {
		return nil
	}

	old.Live = left

	return partialFailure(request.GetId(), err, old.Properties(state), nil)
}

// explainRelinquish covers the patch that is the only owner of a field that the object cannot be without.
func explainRelinquish(err error) error {
	if cause, required := apierrors.StatusCause(err, metav1.CauseTypeFieldValueRequired); required {
		return fmt.Errorf("this patch manages a required field (%s), so it cannot be given back: set retainOnDelete, or let another manager "+
			"own the field first: %w", cause.Field, err)
	}

	return err
}
