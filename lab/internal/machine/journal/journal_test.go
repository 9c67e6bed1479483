package journal_test

import (
	"context"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine/journal"
)

func TestLogTail(t *testing.T) {
	t.Parallel()

	log := journal.NewLog()
	_, err := log.Write([]byte("one\ntwo\nthree\n"))
	require.NoError(t, err)

	for lines, expected := range map[int]string{-1: "one\ntwo\nthree\n", 0: "", 1: "three\n", 2: "two\nthree\n", 3: "one\ntwo\nthree\n", 9: "one\ntwo\nthree\n"} {
		data, _, _ := log.Read(log.Tail(lines))
		require.Equal(t, expected, string(data), "tail of %d", lines)
	}
}

func TestLogKeepsTheNewestWholeLines(t *testing.T) {
	t.Parallel()

	log := journal.NewLog()
	line := strings.Repeat("x", 99) + "\n"

	for range 20_000 {
		_, err := log.Write([]byte(line))
		require.NoError(t, err)
	}

	data, end, _ := log.Read(0)
	require.LessOrEqual(t, len(data), 1<<20)
	require.Equal(t, 20_000*len(line), end)
	require.True(t, strings.HasPrefix(string(data), line))
}

func TestFollowedLogGoesOn(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	log := journal.NewLog()

	var seen string

	_, err := log.Write([]byte("a\n"))
	require.NoError(t, err)
	require.NoError(t, log.Stream(ctx, 0, true, func(data []byte) error {
		seen += string(data)

		if seen == "a\n" {
			_, err := log.Write([]byte("b\n"))

			return err
		}

		cancel()

		return nil
	}))
	require.Equal(t, "a\nb\n", seen)
}

func TestWatcherStartsWhereItAsks(t *testing.T) {
	t.Parallel()

	events := journal.NewEvents()
	for _, phase := range []string{"one", "two", "three"} {
		events.Publish("", &machine.PhaseEvent{Phase: phase})
	}

	first := func(request *machine.EventsRequest) string {
		position, err := events.Start(request)
		require.NoError(t, err)

		event, _, err := events.Next(t.Context(), position)
		require.NoError(t, err)

		return event.Payload.(*machine.PhaseEvent).GetPhase()
	}

	require.Equal(t, "one", first(&machine.EventsRequest{TailEvents: -1}))
	require.Equal(t, "three", first(&machine.EventsRequest{TailEvents: 1}))
	require.Equal(t, "one", first(&machine.EventsRequest{TailSeconds: 60}))

	position, err := events.Start(&machine.EventsRequest{})
	require.NoError(t, err)

	ended, cancel := context.WithCancel(t.Context())
	cancel()

	_, _, err = events.Next(ended, position)
	require.ErrorIs(t, err, context.Canceled, "without a tail only new events count")
}
