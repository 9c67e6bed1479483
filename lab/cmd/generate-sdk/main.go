// Command generate-sdk writes the Node.js SDK of a Pulumi package from its schema, compiled and ready to be imported.
//
//	go run ./cmd/generate-sdk [--check] <root> <sdk folder below root>
//
// The folder's schema.json is the source; all else in it is replaced. Compiled code is written, rather than TypeScript,
// because a folder that npm links needs no build step on a fresh clone then, and Node itself runs no TypeScript of this
// kind. With --check nothing is written: it fails when the folder differs from what its schema makes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate-sdk:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("generate-sdk", flag.ContinueOnError)
	check := flags.Bool("check", false, "compare the folder with what its schema makes, write nothing")

	if err := flags.Parse(args); err != nil {
		return err
	}

	if flags.NArg() != 2 {
		return errors.New("needs the project's root (with node_modules) and the SDK's folder below it")
	}

	root, err := filepath.Abs(flags.Arg(0))
	if err != nil {
		return err
	}

	folder := filepath.Join(root, flags.Arg(1))

	sources, err := generate(filepath.Join(folder, schemaFile))
	if err != nil {
		return err
	}

	files, err := compile(sources, root)
	if err != nil {
		return err
	}

	if *check {
		return compare(folder, files)
	}

	return replace(folder, files)
}
