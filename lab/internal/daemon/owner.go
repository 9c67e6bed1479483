package daemon

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"phoebe.dev/lab/internal/processes"
)

// ownerVariable has the PID of a process that a lab is not to outlive, such as a test.
const ownerVariable = "LAB_OWNER"

// Owner is the process for which this daemon was started, nil where that is a person.
func Owner() (*processes.Process, error) {
	value, found := os.LookupEnv(ownerVariable)
	if !found {
		return nil, nil
	}

	pid, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no PID", ownerVariable, value)
	}

	process, err := processes.Find(pid)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ownerVariable, err)
	}

	return &process, nil
}

// await returns when the process has ended, or the context.
func await(ctx context.Context, process processes.Process) {
	look := time.NewTicker(time.Second)
	defer look.Stop()

	for process.Alive() {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}

	log.Printf("process %d, whose lab this is, has ended", process.PID)
}
