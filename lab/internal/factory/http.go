package factory

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// Handler answers as Image Factory's HTTP API does, with its status codes. What has to do with the images themselves answers 501.
func (f *Factory) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /schematics", f.create)
	mux.HandleFunc("GET /schematics/{id}", f.show)
	mux.HandleFunc("GET /versions", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, Versions()) })
	mux.HandleFunc("GET /version/{version}/extensions/official", list(officialExtensions))
	mux.HandleFunc("GET /version/{version}/overlays/official", list(officialOverlays))
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})

	for _, images := range []string{"/image/", "/pxe/", "/v2/", "/secureboot/", "/talosctl/"} {
		mux.HandleFunc(images, func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.URL.Path+" is not implemented: the lab's Image Factory builds no images", http.StatusNotImplemented)
		})
	}

	return mux
}

func (f *Factory) create(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)

		return
	}

	schematic, err := Parse(text)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)

		return
	}

	id, canonical, err := f.Put(schematic)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)

		return
	}

	reply(w, http.StatusCreated, map[string]string{"id": id, "schematic": string(canonical)})
}

func (f *Factory) show(w http.ResponseWriter, r *http.Request) {
	schematic, err := f.Get(r.PathValue("id"))

	var canonical []byte
	if err == nil {
		canonical, err = schematic.Canonical()
	}

	switch {
	case errors.Is(err, ErrNotFound):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(canonical)
	}
}

func list(of func(talos string) []Extension) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		version := "v" + strings.TrimPrefix(r.PathValue("version"), "v")
		switch {
		case !semver.IsValid(version): // the real one, too, takes this for a failure of its own
			http.Error(w, "internal server error", http.StatusInternalServerError)
		case !slices.Contains(Versions(), version):
			http.Error(w, "version "+version+" is not available", http.StatusNotFound)
		default:
			reply(w, http.StatusOK, of(version))
		}
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
