package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// compare fails with the names of all files in which the folder differs from the given ones.
func compare(folder string, files map[string][]byte) error {
	present, err := read(folder)
	if err != nil {
		return err
	}

	var differences []string

	for path, text := range files {
		if found, ok := present[path]; !ok {
			differences = append(differences, path+": missing")
		} else if !bytes.Equal(found, text) {
			differences = append(differences, path+": differs")
		}
	}

	for path := range present {
		if _, ok := files[path]; !ok {
			differences = append(differences, path+": not generated")
		}
	}

	if len(differences) == 0 {
		return nil
	}

	slices.Sort(differences)

	return fmt.Errorf("%s is not what the schema makes (run npm run generate:sdk):\n  %s",
		folder, strings.Join(differences, "\n  "))
}

// replace makes the folder hold the given files and nothing else.
func replace(folder string, files map[string][]byte) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}

	for path, text := range files {
		if err := write(filepath.Join(folder, filepath.FromSlash(path)), text); err != nil {
			return err
		}
	}

	return nil
}
