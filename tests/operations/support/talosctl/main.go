// Command talosctl stands in for talosctl: it answers from the scenario in $SCENARIO, and writes down each call with what
// it could see.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type scenario struct {
	Log    string // the file of the calls so far, one line each
	Client string // the version that it is
	Phases []phase
}

// A phase ends with the first call of the words that it names.
type phase struct {
	Until string
	After [][2]string              // files that are copied then
	Nodes map[string][]namedAnswer // by address
}

// namedAnswer is for the calls that begin with its words. The first that fits counts.
type namedAnswer struct {
	Words  string
	Answer answer
}

type answer struct {
	Stdout, Stderr string
	Code           int
	Writes         string // a file whose content goes to the path that the call's words end with
	Kill           bool   // kills the engine that started the caller
}

type call struct {
	Address    string   `json:"address"`
	Endpoint   string   `json:"endpoint"`
	Words      string   `json:"words"`
	Args       []string `json:"args"`
	Insecure   bool     `json:"insecure"`
	SecretSeen bool     `json:"secretSeen"`
	Modes      []string `json:"modes,omitempty"`
	File       *file    `json:"file,omitempty"`
}

type file struct {
	Names   uint64 `json:"names"`
	Mode    string `json:"mode"`
	Content string `json:"content"`
}

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	os.Exit(code)
}

func run(args []string) (int, error) {
	content, err := os.ReadFile(os.Getenv("SCENARIO"))
	if err != nil {
		return 0, err
	}

	var s scenario
	if err := json.Unmarshal(content, &s); err != nil {
		return 0, err
	}

	before, err := callsIn(s.Log)
	if err != nil {
		return 0, err
	}

	now, err := seen(args)
	if err != nil {
		return 0, err
	}

	if err := write(s.Log, now); err != nil {
		return 0, err
	}

	if strings.HasPrefix(now.Words, "version") && slices.Contains(args, "--client") {
		fmt.Printf("Client:\n\tTag:         %s\n\tSHA:         abc\n", s.Client)

		return 0, nil
	}

	return reply(s, before, now)
}

func reply(s scenario, before []call, now call) (int, error) {
	p := s.phaseAfter(before)

	if p.Until != "" && strings.HasPrefix(now.Words, p.Until) {
		for _, paths := range p.After {
			if err := copyFile(paths[0], paths[1]); err != nil {
				return 0, err
			}
		}
	}

	answers := p.Nodes[now.Address]

	i := slices.IndexFunc(answers, func(a namedAnswer) bool { return strings.HasPrefix(now.Words, a.Words) })
	if i < 0 {
		return 0, fmt.Errorf("nothing is known of %q at %s", now.Words, now.Address)
	}

	a := answers[i].Answer

	if a.Writes != "" {
		words := strings.Split(now.Words, " ")
		if err := copyFile(a.Writes, words[len(words)-1]); err != nil {
			return 0, err
		}
	}

	if a.Kill {
		if err := killEngine(); err != nil {
			return 0, err
		}
	}

	fmt.Print(a.Stdout)
	fmt.Fprint(os.Stderr, a.Stderr)

	return a.Code, nil
}

func (s scenario) phaseAfter(before []call) phase {
	i := slices.IndexFunc(s.Phases, func(p phase) bool {
		return p.Until == "" || !slices.ContainsFunc(before, func(c call) bool { return strings.HasPrefix(c.Words, p.Until) })
	})

	return s.Phases[i]
}

// seen is what there is to see of this call.
func seen(args []string) (call, error) {
	words := args
	if i := slices.Index(args, "--nodes"); i >= 0 {
		words = args[:i]
	}

	_, secret := os.LookupEnv("TALOS_CA")
	c := call{
		Address: value(args, "--nodes"), Endpoint: value(args, "--endpoints"), Words: strings.Join(words, " "), Args: args,
		Insecure: slices.Contains(args, "--insecure"), SecretSeen: secret,
	}

	if path := value(args, "--talosconfig"); path != "" {
		for _, each := range []string{filepath.Dir(path), path} {
			info, err := os.Stat(each)
			if err != nil {
				return call{}, err
			}

			c.Modes = append(c.Modes, mode(info))
		}
	}

	if path := value(args, "--file"); path != "" {
		info, err := os.Stat(path)
		if err != nil {
			return call{}, err
		}

		content, err := os.ReadFile(path)
		if err != nil {
			return call{}, err
		}

		c.File = &file{Names: uint64(info.Sys().(*syscall.Stat_t).Nlink), Mode: mode(info), Content: string(content)}
	}

	return c, nil
}

func value(args []string, flag string) string {
	if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}

	return ""
}

func mode(info os.FileInfo) string { return strconv.FormatUint(uint64(info.Mode().Perm()), 8) }

// callsIn reads whole lines: another call may be writing its own just now.
func callsIn(log string) ([]call, error) {
	content, err := os.ReadFile(log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}

	lines := bytes.Split(content, []byte("\n"))

	var calls []call

	for _, line := range lines[:len(lines)-1] {
		var c call
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, err
		}

		calls = append(calls, c)
	}

	return calls, nil
}

func write(log string, c call) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}

	out, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()

	_, err = out.Write(append(line, '\n'))

	return err
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}

	return os.WriteFile(to, content, 0o666) // what the caller's umask leaves of it
}

// killEngine returns when the engine is gone: a signal is sent before it is obeyed.
func killEngine() error {
	engine, err := strconv.Atoi(os.Getenv("ENGINE_PID"))
	if err != nil {
		return err
	}

	if err := syscall.Kill(engine, syscall.SIGKILL); err != nil {
		return err
	}

	for syscall.Kill(engine, 0) == nil {
		time.Sleep(time.Millisecond)
	}

	return nil
}
