package kubernetesprovider

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
)

// patience is about a minute: a definition that was just created is served a moment later, and a namespace or a
// definition may come from elsewhere in the same run.
var patience = wait.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Steps: 8}

// retryMissing repeats an attempt while the kind, or the namespace, is not there; it returns the last error.
func retryMissing(ctx context.Context, backoff wait.Backoff, attempt func() error) error {
	var last error

	err := wait.ExponentialBackoffWithContext(ctx, backoff, func(context.Context) (bool, error) {
		last = attempt()
		switch {
		case last == nil:
			return true, nil
		case meta.IsNoMatchError(last), apierrors.IsNotFound(last):
			return false, nil
		}

		return false, last
	})
	if wait.Interrupted(err) && last != nil && ctx.Err() == nil {
		return last
	}

	return err
}
