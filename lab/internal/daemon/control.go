package daemon

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
)

// control takes orders: GET /machines, POST /machines/{name}/{off|on|wipe}, and POST /refresh after the lab's memory was changed.
func control(options Options, clusters *clusters) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /machines", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(options.Plant.Snapshots())
	})
	mux.HandleFunc("POST /machines/{name}/{action}", func(w http.ResponseWriter, r *http.Request) {
		name, action := r.PathValue("name"), r.PathValue("action")
		log.Printf("machine %s: %s, as ordered", name, action)
		answer(w, options.Plant.Power(name, action))
	})
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
