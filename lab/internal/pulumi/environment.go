package pulumi

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Variable is one environment variable.
type Variable struct{ Name, Value string }

// Environment is what makes pulumi, talosctl and kubectl address the lab.
func (h Home) Environment(stack string) []Variable {
	path := append([]string{h.Folder.Commands(), filepath.Join(h.Root, "node_modules", ".bin")}, filepath.SplitList(os.Getenv("PATH"))...)

	variables := []Variable{
		{"PATH", strings.Join(once(path), string(filepath.ListSeparator))},
		{"PULUMI_HOME", h.Folder.Home()},
		// Without metadata: its side file is not written atomically, and a kill in the middle leaves a state that cannot be read.
		{"PULUMI_BACKEND_URL", "file://" + h.Folder.State() + "?metadata=skip"},
		{"PULUMI_CONFIG_PASSPHRASE_FILE", h.Folder.PassphraseFile()},
		{"PULUMI_OPTION_STACK", stack},
		{"PULUMI_OPTION_CONFIG_FILE", h.Folder.StackFile(stack)},
		{"PULUMI_SKIP_UPDATE_CHECK", "true"},
		{"PULUMI_CONTINUE_ON_ERROR", "true"},
		{"HELM_CACHE_HOME", filepath.Join(h.Folder.Home(), "helm", "cache")},
		{"HELM_CONFIG_HOME", filepath.Join(h.Folder.Home(), "helm", "config")},
		{"HELM_DATA_HOME", filepath.Join(h.Folder.Home(), "helm", "data")},
		{"KUBECONFIG", h.Folder.Kubeconfig()},
		{"TALOSCONFIG", h.Folder.Talosconfig()},
		{"PHOEBE_SECRETS_FILE", h.Folder.Values()},
	}
	if h.Charts != "" {
		variables = append(variables, Variable{"PHOEBE_STAND_IN_CHARTS", h.Charts})
	}

	if h.Plugins != OfficialPlugins {
		variables = append(variables, Variable{"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"})
	}

	return variables
}

// Foreign are the variables of the caller that would turn the lab's Pulumi elsewhere.
func (h Home) Foreign(stack string) []string {
	own := h.Environment(stack)

	var names []string

	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")

		ours := slices.ContainsFunc(own, func(v Variable) bool { return v.Name == name })
		if strings.HasPrefix(name, "PULUMI_") && !ours {
			names = append(names, name)
		}
	}

	slices.Sort(names)

	return names
}

// environ is the environment of a Pulumi that the lab runs itself.
func (h Home) environ(stack string) []string {
	foreign := h.Foreign(stack)

	environ := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")

		return slices.Contains(foreign, name)
	})
	for _, variable := range h.Environment(stack) {
		environ = append(environ, variable.Name+"="+variable.Value) // the last one counts
	}

	return environ
}

func once(values []string) []string {
	var unique []string
	for _, value := range values {
		if value != "" && !slices.Contains(unique, value) {
			unique = append(unique, value)
		}
	}

	return unique
}
