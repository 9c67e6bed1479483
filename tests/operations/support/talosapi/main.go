// Command talosapi answers TLS like the Talos API of some machines does, up to HTTP/2's settings: with Go's TLS, whose
// alerts are what tells the modes apart. The folder in its argument holds a file per machine, <address>.json, which is
// read anew for each connection; while it is absent the machine hangs up.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type machine struct {
	Cert, Key string
	ClientCA  string // empty: in maintenance mode, where nobody is asked for a certificate
	Ahead     string // how far the machine's clock is ahead
}

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string, addresses []string) error {
	for _, address := range addresses {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, "50000"))
		if err != nil {
			return err
		}

		go serve(tls.NewListener(listener, &tls.Config{
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
				return config(filepath.Join(folder, address+".json"))
			},
		}))
	}

	fmt.Println("ready " + strings.Join(addresses, " "))

	_, err := io.Copy(io.Discard, os.Stdin) // until the test has ended

	return err
}

func config(path string) (*tls.Config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}

	var m machine
	if err := json.Unmarshal(content, &m); err != nil {
		return nil, err
	}

	certificate, err := tls.X509KeyPair([]byte(m.Cert), []byte(m.Key))
	if err != nil {
		return nil, err
	}

	ahead, err := time.ParseDuration(m.Ahead)
	if err != nil {
		return nil, err
	}

	c := &tls.Config{
		Certificates:           []tls.Certificate{certificate},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{"h2"},
		SessionTicketsDisabled: true,
		Time:                   func() time.Time { return time.Now().Add(ahead) },
	}

	if m.ClientCA != "" {
		c.ClientAuth = tls.RequireAndVerifyClientCert
		c.ClientCAs = x509.NewCertPool()

		if !c.ClientCAs.AppendCertsFromPEM([]byte(m.ClientCA)) {
			return nil, errors.New("no client CA")
		}
	}

	return c, nil
}

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}

		go func() {
			defer connection.Close()

			preface := make([]byte, 24)
			if _, err := io.ReadFull(connection, preface); err == nil {
				connection.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}) // empty settings
				io.Copy(io.Discard, connection)
			}
		}()
	}
}
