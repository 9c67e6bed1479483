// Package apid is the outer half of a node's API, as Talos's apid: it ends TLS, learns
// the caller's roles from the certificate, and routes each call to this node's own
// services or to other nodes. It knows no message of the calls that pass through.
package apid
