package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// generate makes the SDK's TypeScript from a schema, by path.
func generate(schemaPath string) (map[string][]byte, error) {
	text, err := os.ReadFile(schemaPath)
	if err != nil {
		return nil, err
	}

	var spec schema.PackageSpec
	if err = json.Unmarshal(text, &spec); err != nil {
		return nil, fmt.Errorf("%s: %w", schemaPath, err)
	}

	loader := schema.NewPluginLoader(nil)

	languages := map[string]schema.Language{"nodejs": nodejs.Importer}

	pkg, err := schema.ImportSpec(spec, languages, schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaPath, err)
	}

	files, err := nodejs.GeneratePackage("generate-sdk", pkg, nil, nil, false, loader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaPath, err)
	}

	for path := range files {
		if !strings.HasSuffix(path, ".ts") && path != "package.json" {
			delete(files, path)
		}
	}

	return files, nil
}
