package machine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Its etcd is told of its removal by the others, and is asked for its health in between.
func TestARemovedMemberThatStillLooksWell(t *testing.T) {
	t.Parallel()

	a := &attendance{}
	a.booted()
	a.running()

	a.removed(false)
	a.running()
	a.lost("etcd failed")
	a.leave("reset")
	require.Len(t, a.all(), 1)
	require.Nil(t, a.all()[0].Until, "it was a node until its disk was wiped")

	a.wiped(false)
	require.NotNil(t, a.all()[0].Until, "etcd does not count it: nobody misses it")
}
