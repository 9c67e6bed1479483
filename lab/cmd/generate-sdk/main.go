// Command generate-sdk writes the Node.js SDK of a Pulumi package from its schema, compiled and ready to be imported.
//
//	go run ./cmd/generate-sdk [--check] <root> <schema> <folder>
//
// The root is where node_modules is, with the compiler; all that is in the folder is replaced. Compiled code is written,
// rather than TypeScript, because a folder that npm links needs no build step on a fresh clone then, and Node itself runs no
// TypeScript of this kind. With --check nothing is written: it fails when the folder differs from what the schema makes.
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
	check := flags.Bool("check", false, "compare the folder with what the schema makes, write nothing")

	if err := flags.Parse(args); err != nil {
		return err
	}

	if flags.NArg() != 3 {
		return errors.New("needs the project's root (with node_modules), the schema and the SDK's folder")
	}

	root, err := filepath.Abs(flags.Arg(0))
	if err != nil {
		return err
	}

	folder := flags.Arg(2)

	sources, err := generate(flags.Arg(1))
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
