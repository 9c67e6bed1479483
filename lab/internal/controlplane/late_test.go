package controlplane

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			l    late
			done []string
		)

		will := func(what string) func() { return func() { done = append(done, what) } }

		l.do(0, will("at once"))
		require.Equal(t, []string{"at once"}, done)

		l.do(time.Minute, will("overtaken"))
		l.do(time.Minute, will("after a minute"))
		time.Sleep(59 * time.Second)
		require.Len(t, done, 1)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"at once", "after a minute"}, done)

		l.do(time.Minute, will("never"))
		l.end()
		l.do(0, will("never"))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, done, 2)
	})
}
