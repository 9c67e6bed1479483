package main

import (
	"context"
	"fmt"
	"log"
	"path"
	"slices"
	"strings"
	"sync"

	"phoebe.dev/lab/internal/tools"
)

// registry is what the machines of a running lab pull their images from. The image of one of Kubernetes's programs is the program itself: where it
// was never built here, the first pull builds it, which takes minutes.
type registry struct {
	context.Context
	*lab
	// images tells whether other images can be pulled.
	images func(ref string) error

	mutex sync.Mutex
	pulls map[string]*pull // by name and version
}

// pull is one that is under way, or is done.
type pull struct {
	done chan struct{}
	err  error // once done
}

// Pullable waits until an image is here, and says why it cannot be had.
func (r *registry) Pullable(ref string) error {
	tool, ok := r.program(ref)
	if !ok {
		return r.images(ref)
	}

	if _, found := r.tools.Find(r, tool); found {
		return nil
	}

	p := r.pull(tool)
	select {
	case <-p.done:
		return p.err
	case <-r.Done():
		return context.Cause(r)
	}
}

// program is the one that an image of Kubernetes's holds.
func (r *registry) program(ref string) (tools.Tool, bool) {
	name, version, found := strings.Cut(path.Base(ref), ":")
	if !found || name == "kubectl" || !slices.Contains(kubernetesPrograms, name) {
		return tools.Tool{}, false
	}

	version, _, _ = strings.Cut(version, "@")

	return r.tools.Kubernetes(name, "v"+strings.TrimPrefix(version, "v")), true
}

// pull begins to build a program, or joins who does. A pull that failed is tried again.
func (r *registry) pull(tool tools.Tool) *pull {
	r.mutex.Lock()
	defer r.mutex.Unlock()

	key := tool.Name + " " + tool.Version
	if p, ok := r.pulls[key]; ok {
		select {
		case <-p.done:
		default:
			return p
		}
	}

	p := &pull{done: make(chan struct{})}

	if r.pulls == nil {
		r.pulls = map[string]*pull{}
	}

	r.pulls[key] = p
	go func() {
		defer close(p.done)

		log.Printf("pulling %s: it is built where it is not here yet", key)

		if _, p.err = r.tools.Ensure(r, tool); p.err != nil {
			log.Printf("pulling %s: %v", key, p.err)
		}
	}()

	return p
}

// have is a program that is here. One that is not is being pulled from then on, and the caller asks again.
func (r *registry) have(tool tools.Tool) (string, error) {
	if at, found := r.tools.Find(r, tool); found {
		return at, nil
	}

	p := r.pull(tool)
	select {
	case <-p.done:
		if p.err != nil {
			return "", p.err
		}

		return r.tools.Require(r, tool)
	default:
		return "", fmt.Errorf("%s %s is being built, which takes minutes", tool.Name, tool.Version)
	}
}
