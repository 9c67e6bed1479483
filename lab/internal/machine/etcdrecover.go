package machine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// recoverySnapshot is where a snapshot waits for the Bootstrap that recovers from it.
func (b *boot) recoverySnapshot() string {
	return filepath.Join(b.disk.Ephemeral(), "lib", filepath.Base(constants.EtcdRecoverySnapshotPath))
}

// EtcdRecover implements machine.MachineService: it keeps a snapshot, and starts nothing.
func (s *server) EtcdRecover(stream machine.MachineService_EtcdRecoverServer) error {
	if err := s.controlPlaneOnly("etcd recover"); err != nil {
		return err
	}

	if err := receiveAll(stream, s.recoverySnapshot()); err != nil {
		return errors.Join(err, os.Remove(s.recoverySnapshot()))
	}

	return stream.SendAndClose(&machine.EtcdRecoverResponse{Messages: []*machine.EtcdRecover{{}}})
}

// receiveAll writes what is sent into a file.
func receiveAll(stream machine.MachineService_EtcdRecoverServer, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("error creating etcd recovery snapshot: %w", err)
	}
	defer file.Close() // closed below where it counts

	for {
		data, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return file.Close()
		}

		if err != nil {
			return err
		}

		if _, err := file.Write(data.GetBytes()); err != nil {
			return fmt.Errorf("error writing snapshot: %w", err)
		}
	}
}
