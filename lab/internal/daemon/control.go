package daemon

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"

	"phoebe.dev/lab/internal/machine"
)

// control takes orders: GET /machines, POST /machines/{name}/fault/{kind} (a machine.Fault), DELETE /machines/{name}/fault, which mends all,
// and POST /refresh after the lab's memory was changed. POST /machines/{name}/{kind} is short for a fault.
func control(options Options, clusters *clusters) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /machines", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(options.Plant.Snapshots())
	})

	fault := func(w http.ResponseWriter, r *http.Request, kind string) {
		name := r.PathValue("name")
		log.Printf("machine %s: %s, as ordered", name, kind)
		answer(w, options.Plant.Fault(r.Context(), name, machine.Fault(kind)))
	}
	for _, path := range []string{"/machines/{name}/fault/{kind}", "/machines/{name}/{kind}"} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { fault(w, r, r.PathValue("kind")) })
	}

	mux.HandleFunc("DELETE /machines/{name}/fault", func(w http.ResponseWriter, r *http.Request) { fault(w, r, string(machine.FaultMend)) })
	mux.HandleFunc("POST /refresh", func(w http.ResponseWriter, _ *http.Request) {
		memory, err := options.Folder.Recall()
		if err == nil {
			err = clusters.Refresh(memory)
		}

		answer(w, err)
	})

	return mux
}

func answer(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrNoMachine):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		log.Print(err)
		http.Error(w, err.Error(), http.StatusConflict)
	}
}
