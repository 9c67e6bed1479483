package kubernetesprovider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// partialFailure tells the engine that a resource exists but is not as it should be: it stays in the state with the
// reasons, and the next run updates it.
func partialFailure(id string, cause error, state, inputs resource.PropertyMap) error {
	detail := &pulumirpc.ErrorResourceInitFailed{Id: id, Reasons: []string{cause.Error()}}

	var err error
	if detail.Properties, err = properties.Marshal("state", state); err != nil {
		return err
	}

	if inputs != nil {
		if detail.Inputs, err = properties.Marshal("inputs", inputs); err != nil {
			return err
		}
	}

	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, cause.Error()), detail)
}
