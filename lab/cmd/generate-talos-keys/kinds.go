package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

const machinery = "github.com/siderolabs/talos/pkg/machinery"

// word is anything in the machinery's sources that could be the name of a kind.
var word = regexp.MustCompile(`"([A-Z][A-Za-z0-9]+)"`)

// kinds are the documents that the loader knows. It has no list of them, and the machinery's JSON Schema leaves one out,
// so every word in its sources is tried.
func kinds() (map[string]reflect.Type, error) {
	legacy, err := documentType("version: v1alpha1\nmachine: {}\n")
	if err != nil {
		return nil, err
	}

	found := map[string]reflect.Type{"v1alpha1": legacy}

	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", machinery).Output()
	if err != nil {
		return nil, fmt.Errorf("where %s lies: %w", machinery, err)
	}

	types := filepath.Join(strings.TrimSpace(string(folder)), "config", "types")

	return found, filepath.WalkDir(types, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}

		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}

		for _, match := range word.FindAllSubmatch(text, -1) {
			kind := string(match[1])
			if document, err := documentType("apiVersion: v1alpha1\nkind: " + kind + "\n"); err == nil {
				found[kind] = document
			}
		}

		return nil
	})
}

func documentType(text string) (reflect.Type, error) {
	loaded, err := configloader.NewFromBytes([]byte(text))
	if err != nil {
		return nil, err
	}

	return reflect.TypeOf(loaded.Documents()[0]), nil
}
