// Package summary writes what a person wants to know when a lab is up, in 80 columns of plain text.
package summary

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"phoebe.dev/lab/internal/cluster"
)

const columns = 80

// Summary is what is told.
type Summary struct {
	Stack       string
	Nodes       []cluster.Node
	Talos       map[string]string // Talos version by node
	Releases    []cluster.Release
	Kubeconfig  string
	Talosconfig string
	EvalLine    string
	Stop        string
}

// Write writes it.
func (s Summary) Write(out io.Writer) {
	nodes := [][]string{{"NODE", "ROLE", "ADDRESS", "TALOS", "KUBERNETES", "READY"}}
	for _, node := range s.Nodes {
		nodes = append(nodes, []string{node.Name, role(node), node.Address, s.Talos[node.Name], node.Kubernetes, yes(node.Ready)})
	}

	releases := [][]string{{"NAMESPACE", "RELEASE", "CHART", "STATUS"}}
	for _, release := range s.Releases {
		releases = append(releases, []string{release.Namespace, release.Name, release.Chart, release.Status})
	}

	fmt.Fprintf(out, "\nThe stack %s is up.\n\n", s.Stack)
	table(out, nodes)
	fmt.Fprintln(out)
	table(out, releases)
	fmt.Fprintf(out, `
kubeconfig    %s
talosconfig   %s

To use them, and npx pulumi with this lab, in this shell:
  %s
  kubectl get pods -A
  talosctl -n %s services
To stop the lab:
  %s
`, s.Kubeconfig, s.Talosconfig, s.EvalLine, s.example(), s.Stop)
}

// example is a node to try talosctl with.
func (s Summary) example() string {
	for _, node := range s.Nodes {
		if node.ControlPlane {
			return node.Address
		}
	}

	return "<address>"
}

func role(node cluster.Node) string {
	if node.ControlPlane {
		return "control plane"
	}

	return "worker"
}

func yes(is bool) string {
	if is {
		return "yes"
	}

	return "no"
}

// table aligns the cells of rows. Where a row would be too wide, its widest column gives way.
func table(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}

	for excess := total(widths) - columns; excess > 0; excess-- {
		widths[widest(widths)]--
	}

	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], fit(cell, widths[i]))
		}

		fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
}

func total(widths []int) int {
	sum := 2 * (len(widths) - 1)
	for _, width := range widths {
		sum += width
	}

	return sum
}

func widest(widths []int) int {
	index := 0
	for i, width := range widths {
		if width > widths[index] {
			index = i
		}
	}

	return index
}

func fit(cell string, width int) string {
	if runes := []rune(cell); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}

	return cell
}
