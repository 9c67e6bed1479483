// Package release serves kubernetes:helm.sh/v3:Release with Helm's own library: its release records, its waits and its
// failures are Helm's.
package release

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// Options are what releases share with the provider that they belong to.
type Options struct {
	Context     context.Context // ends when the run is cancelled
	Settings    Settings
	Namespace   string // for releases that name none
	Config      *rest.Config
	Unreachable string // why the cluster cannot be reached; empty if it can
	Log         func(severity diag.Severity, urn resource.URN, format string, values ...any)
	Definition  func(*unstructured.Unstructured) // told of each CustomResourceDefinition that a chart brings
}

// Releases answers the engine for resources of this one type.
type Releases struct{ Options }

// New makes them.
func New(options Options) *Releases { return &Releases{options} }

const defaultTimeout = 300 // seconds

func (release *args) timeout() time.Duration {
	if release.Timeout == 0 {
		return defaultTimeout * time.Second
	}

	return time.Duration(release.Timeout) * time.Second
}

func (release *args) id() string {
	if release.Namespace == "" {
		return release.Name
	}

	return release.Namespace + "/" + release.Name
}

// failure is a release that Helm keeps, but as failed.
type failure struct {
	release *args
	cause   error
}

func (err *failure) Error() string {
	return fmt.Sprintf("failed to become available within allocated timeout. Error: Helm Release %s: %v", err.release.id(), err.cause)
}

func (err *failure) Unwrap() error { return err.cause }
