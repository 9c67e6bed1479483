// Command generate-talos-keys writes which keys Talos knows in its configuration documents, so that a misspelt key in a patch is
// found without Talos, before anything else happens.
//
//	go run ./cmd/generate-talos-keys <file>
//
// It asks the machinery's own types, by the rules by which its loader refuses unknown keys.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate-talos-keys:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("needs the file to write")
	}

	text, err := generate()
	if err != nil {
		return err
	}

	return os.WriteFile(args[0], text, 0o644)
}

func generate() ([]byte, error) {
	kinds, err := kinds()
	if err != nil {
		return nil, err
	}

	keys := Keys{Documents: map[string]string{}, Types: map[string]map[string]string{}}
	for kind, document := range kinds {
		keys.Documents[kind] = keys.add(document)
	}

	text, err := json.MarshalIndent(keys, "", "  ")

	return append(text, '\n'), err
}
