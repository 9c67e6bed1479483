package apid

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// ErrNotAuthorized is what a caller without a needed role gets.
var ErrNotAuthorized = status.Error(codes.PermissionDenied, "not authorized")

// callerRoles are those of the client certificate's Organization. Only another node,
// which holds the impersonator role, may speak for somebody else.
func callerRoles(ctx context.Context) (role.Set, error) {
	caller, ok := peer.FromContext(ctx)
	if !ok {
		return role.Zero, status.Error(codes.Internal, "the call has no peer")
	}

	tlsInfo, ok := caller.AuthInfo.(credentials.TLSInfo)
	if !ok || len(tlsInfo.State.PeerCertificates) == 0 {
		return role.Zero, status.Error(codes.Unauthenticated, "the call has no client certificate")
	}

	roles, _ := role.Parse(tlsInfo.State.PeerCertificates[0].Subject.Organization)
	if roles.Includes(role.Impersonator) {
		if passed, ok := rolesFromMetadata(ctx); ok {
			return passed, nil
		}
	}

	return roles, nil
}

func rolesFromMetadata(ctx context.Context) (role.Set, bool) {
	md, _ := metadata.FromIncomingContext(ctx)

	values := md.Get(constants.APIAuthzRoleMetadataKey)
	if len(values) == 0 {
		return role.Zero, false
	}

	roles, _ := role.Parse(values)

	return roles, true
}

// Roles are the caller's, as the node's own services see them behind apid.
func Roles(ctx context.Context) role.Set {
	roles, _ := rolesFromMetadata(ctx)

	return roles
}
