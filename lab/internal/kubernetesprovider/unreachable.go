package kubernetesprovider

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

func (provider *Provider) readUnreachable(urn resource.URN, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	provider.log(diag.Warning, urn, "%v", provider.cluster.unreachable())

	switch {
	case provider.settings.deleteUnreachable:
		return &pulumirpc.ReadResponse{}, nil
	case provider.settings.skipUpdateUnreachable:
		return &pulumirpc.ReadResponse{Id: request.GetId(), Properties: request.GetProperties(), Inputs: request.GetInputs()}, nil
	}

	return nil, errors.New("failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove " +
		"this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to \"true\"")
}

func (provider *Provider) deleteUnreachable(urn resource.URN) (*emptypb.Empty, error) {
	if isRelease(urn) {
		return nil, fmt.Errorf("can't delete Helm Release with unreachable cluster. Reason: %q", provider.cluster.reason)
	}

	provider.log(diag.Warning, urn, "%v", provider.cluster.unreachable())

	if provider.settings.deleteUnreachable {
		return &emptypb.Empty{}, nil
	}

	return nil, errors.New("configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource from " +
		"Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to \"true\"")
}
