package release

import (
	"reflect"
	"slices"
	"strings"
)

// args are the inputs of a helm.sh/v3:Release that are honoured, and its outputs. What is not here is refused by name.
type args struct {
	AllowNullValues          bool            `json:"allowNullValues,omitempty"` // no effect: nulls are always kept
	Atomic                   bool            `json:"atomic,omitempty"`
	Chart                    string          `json:"chart,omitempty"`
	CleanupOnFail            bool            `json:"cleanupOnFail,omitempty"`
	CreateNamespace          bool            `json:"createNamespace,omitempty"`
	DependencyUpdate         bool            `json:"dependencyUpdate,omitempty"`
	Description              string          `json:"description,omitempty"`
	Devel                    bool            `json:"devel,omitempty"`
	DisableCRDHooks          bool            `json:"disableCRDHooks,omitempty"`
	DisableOpenapiValidation bool            `json:"disableOpenapiValidation,omitempty"`
	DisableWebhooks          bool            `json:"disableWebhooks,omitempty"`
	ForceUpdate              bool            `json:"forceUpdate,omitempty"`
	Keyring                  string          `json:"keyring,omitempty"`
	Lint                     bool            `json:"lint,omitempty"`
	MaxHistory               *int            `json:"maxHistory,omitempty"`
	Name                     string          `json:"name,omitempty"`
	Namespace                string          `json:"namespace,omitempty"`
	Postrender               string          `json:"postrender,omitempty"`
	RecreatePods             bool            `json:"recreatePods,omitempty"`
	RenderSubchartNotes      bool            `json:"renderSubchartNotes,omitempty"`
	Replace                  bool            `json:"replace,omitempty"`
	RepositoryOpts           *repositoryOpts `json:"repositoryOpts,omitempty"`
	ResetValues              bool            `json:"resetValues,omitempty"`
	ReuseValues              bool            `json:"reuseValues,omitempty"`
	SkipAwait                bool            `json:"skipAwait,omitempty"`
	SkipCrds                 bool            `json:"skipCrds,omitempty"`
	TakeOwnership            bool            `json:"takeOwnership,omitempty"`
	Timeout                  int             `json:"timeout,omitempty"` // seconds
	Values                   map[string]any  `json:"values,omitempty"`
	Verify                   bool            `json:"verify,omitempty"`
	Version                  string          `json:"version,omitempty"`
	WaitForJobs              bool            `json:"waitForJobs,omitempty"`

	ResourceNames map[string][]string `json:"resourceNames,omitempty"`
	Status        *status             `json:"status,omitempty"`
}

type repositoryOpts struct {
	Repo     string `json:"repo,omitempty"`
	CAFile   string `json:"caFile,omitempty"`
	CertFile string `json:"certFile,omitempty"`
	KeyFile  string `json:"keyFile,omitempty"`
	Password string `json:"password,omitempty"`
	Username string `json:"username,omitempty"`
}

// status is what Helm recorded about the release.
type status struct {
	AppVersion string `json:"appVersion,omitempty"`
	Chart      string `json:"chart,omitempty"`
	Name       string `json:"name,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Revision   *int   `json:"revision,omitempty"`
	Status     string `json:"status,omitempty"`
	Version    string `json:"version,omitempty"`
}

const (
	valueFilesKey = "valueYamlFiles" // read into values
	compatKey     = "compat"         // the SDK always sends it; it says nothing
	inputsKey     = "__inputs"
)

// outputOnly are the fields of args that a program may not set.
var outputOnly = []string{"resourceNames", "status"}

var inputNames = func() []string {
	names := []string{valueFilesKey, compatKey}

	for field := range reflect.TypeFor[args]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !slices.Contains(outputOnly, name) {
			names = append(names, name)
		}
	}

	return names
}()
