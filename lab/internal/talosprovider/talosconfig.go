package talosprovider

import (
	"context"
	"errors"
)

type talosconfigArguments struct {
	ClusterName         string              `json:"clusterName"`
	ClientConfiguration ClientConfiguration `json:"clientConfiguration"`
	Endpoints           []string            `json:"endpoints,omitempty"`
	Nodes               []string            `json:"nodes,omitempty"`
}

type talosconfigResult struct {
	talosconfigArguments

	ID          string `json:"id"`
	TalosConfig string `json:"talosConfig"`
}

// clientConfiguration is talos:client/getConfiguration:getConfiguration.
func clientConfiguration(_ context.Context, arguments talosconfigArguments) (talosconfigResult, error) {
	result := talosconfigResult{talosconfigArguments: arguments, ID: arguments.ClusterName}

	if arguments.ClusterName == "" {
		return result, errors.New("clusterName is empty")
	}

	config, err := arguments.ClientConfiguration.talosconfig(arguments.ClusterName)
	if err != nil {
		return result, err
	}

	config.Contexts[arguments.ClusterName].Endpoints = arguments.Endpoints
	config.Contexts[arguments.ClusterName].Nodes = arguments.Nodes

	text, err := config.Bytes()
	result.TalosConfig = string(text)

	return result, err
}
