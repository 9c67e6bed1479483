package talosprovider

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/gendata"
	"golang.org/x/mod/semver"
)

// machineSecrets is talos:machine/secrets:Secrets, the PKI of a cluster.
type machineSecrets struct{}

// secretsState is its state.
type secretsState struct {
	ID                  string              `json:"id"`
	TalosVersion        string              `json:"talosVersion"`
	MachineSecrets      MachineSecrets      `json:"machineSecrets"`
	ClientConfiguration ClientConfiguration `json:"clientConfiguration"`
}

// defaultContract is the contract where none is named: that of the machinery.
func defaultContract() string { return semver.MajorMinor(gendata.VersionTag) }

func (machineSecrets) check(inputs property.Map) []provider.CheckFailure {
	return checkTalosVersion(inputs)
}

// checkTalosVersion refuses a version that names no contract.
func checkTalosVersion(inputs property.Map) []provider.CheckFailure {
	version := inputs.Get("talosVersion")
	if !version.IsString() {
		return nil
	}

	if _, err := config.ParseContractFromVersion(version.AsString()); err != nil {
		return []provider.CheckFailure{{Property: "talosVersion", Reason: err.Error()}}
	}

	return nil
}

func (machineSecrets) plan(_ context.Context, inputs property.Map, prior *property.Map) (plan, error) {
	planned := plan{state: orDefault(inputs, "talosVersion", property.New(defaultContract()))}

	if prior == nil {
		planned.state = planned.state.Set("id", unknown).Set("machineSecrets", unknown).Set("clientConfiguration", unknown)

		return planned, nil
	}

	for _, name := range []string{"id", "machineSecrets", "clientConfiguration"} {
		planned.state = planned.state.Set(name, prior.Get(name))
	}

	before, after := prior.Get("talosVersion"), planned.state.Get("talosVersion")
	if !same(before, after) {
		// Nothing of the secrets changes by this, but the official plugin does not say so before it is done.
		planned.state = planned.state.Set("machineSecrets", unknown).Set("clientConfiguration", unknown)

		if after.IsString() && semver.Compare(withV(after.AsString()), withV(before.AsString())) < 0 {
			planned.replace = map[string]bool{"talosVersion": true}
		}
	}

	expiring, err := expires(prior.Get("clientConfiguration").AsMap().Get("clientCertificate").AsString(), inAMonth())
	if expiring {
		planned.state = planned.state.Set("clientConfiguration", unknown)
	}

	return planned, err
}

func (machineSecrets) create(_ context.Context, planned property.Map) (property.Map, error) {
	version := planned.Get("talosVersion").AsString()

	contract, err := config.ParseContractFromVersion(version)
	if err != nil {
		return property.Map{}, fmt.Errorf("talosVersion %q: %w", version, err)
	}

	bundle, err := secrets.NewBundle(secrets.NewFixedClock(time.Now()), contract)
	if err != nil {
		return property.Map{}, fmt.Errorf("generating secrets for %s: %w", version, err)
	}

	return secretsStateOf(bundle, version)
}

// update keeps the secrets and renews the client certificate when it comes near its end.
func (machineSecrets) update(_ context.Context, prior, planned property.Map) (property.Map, error) {
	state, err := decode[secretsState](prior)
	if err != nil {
		return property.Map{}, err
	}

	state.TalosVersion = planned.Get("talosVersion").AsString()

	expiring, err := expires(state.ClientConfiguration.ClientCertificate, inAMonth())
	if err != nil {
		return property.Map{}, err
	}

	if expiring {
		bundle, bundleErr := state.MachineSecrets.bundle()
		if bundleErr != nil {
			return property.Map{}, bundleErr
		}

		if state.ClientConfiguration, err = newClientConfiguration(bundle); err != nil {
			return property.Map{}, err
		}
	}

	return encode(state)
}

// delete forgets the secrets, which are nowhere else.
func (machineSecrets) delete(context.Context, property.Map) error { return nil }

// read imports Talos's secrets file. The version is a guess by what the file holds, as the official plugin makes it.
func (machineSecrets) read(path string) (inputs, state property.Map, err error) {
	bundle, err := secrets.LoadBundle(path)
	if err != nil {
		return property.Map{}, property.Map{}, err
	}

	if err = bundle.Validate(); err != nil {
		return property.Map{}, property.Map{}, err
	}

	version := "v1.3"
	if bundle.Secrets.AESCBCEncryptionSecret != "" {
		version = "v1.2"
	}

	state, err = secretsStateOf(bundle, version)

	return property.NewMap(map[string]property.Value{"talosVersion": property.New(version)}), state, err
}

func secretsStateOf(bundle *secrets.Bundle, version string) (property.Map, error) {
	client, err := newClientConfiguration(bundle)
	if err != nil {
		return property.Map{}, err
	}

	return encode(secretsState{
		ID: "machine_secrets", TalosVersion: version,
		MachineSecrets: machineSecretsOf(bundle), ClientConfiguration: client,
	})
}

func withV(version string) string { return "v" + strings.TrimPrefix(version, "v") }

func inAMonth() time.Time { return time.Now().AddDate(0, 1, 0) }

// expires tells whether a certificate, base64 of PEM, ends before a time.
func expires(certificate string, before time.Time) (bool, error) {
	text, err := base64.StdEncoding.DecodeString(certificate)
	if err != nil {
		return false, fmt.Errorf("a client certificate of the state: %w", err)
	}

	block, _ := pem.Decode(text)
	if block == nil {
		return false, errors.New("a client certificate of the state is not PEM")
	}

	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return false, fmt.Errorf("a client certificate of the state: %w", err)
	}

	return parsed.NotAfter.Before(before), nil
}
