package main

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnEndpointThatNothingHoldsIsTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.204.70.8:0")
	require.NoError(t, err)

	endpoint := listener.Addr().String()
	require.NoError(t, awaitEndpoint(t.Context(), endpoint, time.Second))

	require.NoError(t, listener.Close())
	err = awaitEndpoint(t.Context(), endpoint, 300*time.Millisecond)
	require.ErrorContains(t, err, "nothing answers at its endpoint "+endpoint)
	require.ErrorContains(t, err, "npm run validate")
}
