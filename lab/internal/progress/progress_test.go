package progress_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/progress"
)

func TestAPipeGetsPlainLines(t *testing.T) {
	var out bytes.Buffer

	reporter := progress.Plain(&out)
	require.NoError(t, reporter.Step("building etcd v3.6.8", "built etcd v3.6.8", func() error { return nil }))
	require.Equal(t, "building etcd v3.6.8\nbuilt etcd v3.6.8 in 0s\n", out.String())
}

func TestAFailedStepIsNotDone(t *testing.T) {
	var out bytes.Buffer

	failed := errors.New("no space left")
	require.ErrorIs(t, progress.Plain(&out).Step("building", "built", func() error { return failed }), failed)
	require.Equal(t, "building\n", out.String())
}

func TestElapsed(t *testing.T) {
	require.Equal(t, "400ms", progress.Elapsed(400*time.Millisecond))
	require.Equal(t, "1.2s", progress.Elapsed(1230*time.Millisecond))
	require.Equal(t, "4m12s", progress.Elapsed(4*time.Minute+12400*time.Millisecond))
}
