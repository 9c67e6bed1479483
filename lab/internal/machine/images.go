package machine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// imageService pulls images: nothing is transferred, the lab only says whether it could be.
type imageService struct {
	machine.UnimplementedImageServiceServer

	*boot
}

// Pull implements machine.ImageService.
func (s imageService) Pull(in *machine.ImageServicePullRequest, stream grpc.ServerStreamingServer[machine.ImageServicePullResponse]) error {
	if err := s.pullAny(in.GetImageRef()); err != nil {
		return err
	}

	return stream.Send(&machine.ImageServicePullResponse{
		Response: &machine.ImageServicePullResponse_Name{Name: pinned(in.GetImageRef())},
	})
}

// ImagePull implements machine.MachineService.
func (s *server) ImagePull(_ context.Context, in *machine.ImagePullRequest) (*machine.ImagePullResponse, error) {
	if err := s.pullAny(in.GetReference()); err != nil {
		return nil, err
	}

	return &machine.ImagePullResponse{Messages: []*machine.ImagePull{{}}}, nil
}

func (b *boot) pullAny(ref string) error {
	if ref == "" {
		return status.Error(codes.InvalidArgument, "image reference is empty")
	}

	if err := b.pullable(ref); err != nil {
		return status.Error(codes.NotFound, fmt.Sprintf("error pulling image %s: %v", ref, err))
	}

	b.logs.Printf("pulled image %s", ref)

	return nil
}

// pinned names an image by a digest, as a pull answers. The digest is of the reference:
// the lab has no content. What is installed by it keeps its tag.
func pinned(ref string) string {
	if strings.Contains(ref, "@sha256:") {
		return ref
	}

	sum := sha256.Sum256([]byte(ref))

	return ref + "@sha256:" + hex.EncodeToString(sum[:])
}
