package main

import (
	"fmt"

	"github.com/google/shlex"
)

// options are what runtime.options of Pulumi.yaml asks for.
type options struct {
	arguments   []string // of node, before the program
	environment []string
}

// parseOptions reads runtime.options with the meanings and defaults that Pulumi's own host gives them.
func parseOptions(values map[string]any) (options, error) {
	parsed := options{}
	typescript := true

	for name, value := range values {
		var ok bool

		switch name {
		case "typescript": // compile with ts-node; without, Node.js strips the types itself
			typescript, ok = value.(bool)
		case "tsconfig":
			var path string

			path, ok = value.(string)
			parsed.environment = append(parsed.environment, "PULUMI_NODEJS_TSCONFIG_PATH="+path)
		case "nodeargs":
			var line string
			if line, ok = value.(string); ok {
				arguments, err := shlex.Split(line)
				if err != nil {
					return parsed, fmt.Errorf("runtime option nodeargs %q: %w", line, err)
				}

				parsed.arguments = arguments
			}
		case "packagemanager": // says how to install, which is not done here
			_, ok = value.(string)
		default:
			return parsed, fmt.Errorf("runtime option %q is not one that this language host knows: remove it from Pulumi.yaml", name)
		}

		if !ok {
			return parsed, fmt.Errorf("runtime option %s cannot be %v", name, value)
		}
	}

	if typescript {
		parsed.environment = append(parsed.environment, "PULUMI_NODEJS_TYPESCRIPT=true")
	}

	return parsed, nil
}
