package machine

import (
	"errors"
	"fmt"
	"io"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// chunkSize is how much of a stream goes into one message.
const chunkSize = 64 << 10

// EtcdSnapshot implements machine.MachineService.
func (s *server) EtcdSnapshot(_ *machine.EtcdSnapshotRequest, stream machine.MachineService_EtcdSnapshotServer) error {
	client, err := s.etcdClient("etcd snapshot")
	if err != nil {
		return err
	}
	defer client.Close()

	snapshot, err := client.Snapshot(stream.Context())
	if err != nil {
		return fmt.Errorf("failed reading etcd snapshot: %w", err)
	}
	defer snapshot.Close()

	return sendAll(snapshot, stream.Send)
}

// sendAll sends what a reader has, in messages of moderate size.
func sendAll(from io.Reader, send func(*common.Data) error) error {
	for {
		chunk := make([]byte, chunkSize)

		n, err := io.ReadFull(from, chunk)
		if n > 0 {
			if err := send(&common.Data{Bytes: chunk[:n]}); err != nil {
				return err
			}
		}

		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}

		if err != nil {
			return err
		}
	}
}
