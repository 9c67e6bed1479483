package machine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Kubeconfig sends an administrator's kubeconfig for the cluster's endpoint, as the one
// file of an archive.
func (s *server) Kubeconfig(_ *emptypb.Empty, stream machine.MachineService_KubeconfigServer) error {
	if err := s.controlPlaneOnly("kubeconfig"); err != nil {
		return err
	}

	plane := s.plane()
	if plane == nil {
		return status.Error(codes.Unavailable, "the node's services are stopped")
	}

	node, _ := s.node()

	kubeconfig, err := plane.AdminKubeconfig(node.Config.Cluster().Endpoint().String())
	if err != nil {
		return err
	}

	archive, err := archiveOf("kubeconfig", kubeconfig)
	if err != nil {
		return err
	}

	return stream.Send(&common.Data{Bytes: archive})
}

func archiveOf(name string, content []byte) ([]byte, error) {
	var buffer bytes.Buffer

	compressed := gzip.NewWriter(&buffer)
	files := tar.NewWriter(compressed)

	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), ModTime: time.Now(), Mode: 0o600}
	if err := files.WriteHeader(header); err != nil {
		return nil, err
	}

	_, err := files.Write(content)
	err = errors.Join(err, files.Close(), compressed.Close())

	return buffer.Bytes(), err
}
