import type { Finding } from "./finding.ts";
import type { State } from "./state.ts";
import type { ClusterStatus, NodeStatus } from "./status.ts";

/** How a text for a terminal says which state something is in; the plain text where it goes elsewhere. */
export type Paint = (state: State, text: string) => string;

const width = 80;
const columns: readonly [heading: string, about: Finding["about"]][] = [
  ["TALOS", "Talos"],
  ["KUBERNETES", "Kubernetes"],
  ["CONFIG", "configuration"],
  ["ETCD", "etcd"],
  ["NODE", "Node"],
];

/** A table of all nodes, then what is not as declared, with what to do about it. No line of it but those of a difference is longer than 80. */
export function report(status: ClusterStatus, differences: ReadonlyMap<string, string>, paint: Paint): string {
  const { clusterName, nodes, findings, state } = status;
  const troubled = nodes.filter((node) => node.state !== "as declared");
  const parts = [
    ...table(nodes, paint),
    ...troubled.flatMap((node) => [
      "",
      `${node.hostname} (${node.address}) is ${paint(node.state, node.state)}:`,
      ...node.findings.flatMap(described),
      ...differenceOf(differences.get(node.hostname)),
    ]),
    ...(findings.length > 0 ? ["", `${clusterName} itself is ${paint("different", "different")}:`, ...findings.flatMap(described)] : []),
    "",
    `${clusterName} is ${paint(state, state)}${state === "as declared" ? "" : ` (${summary(nodes)})`}.`,
  ];
  return `${parts.join("\n")}\n`;
}

function table(nodes: readonly NodeStatus[], paint: Paint): string[] {
  const rows = nodes.map((node) => ({ node, cells: columns.map(([, about]) => cellOf(node, about)) }));
  const widths = columns.map(([heading], i) => Math.max(heading.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const longest = Math.max("HOSTNAME".length, ...nodes.map(({ hostname }) => hostname.length));
  // Names give way: below, they are written out.
  const room = width - "as declared".length - 2 - widths.reduce((sum, one) => sum + one + 2, 0);
  const first = Math.max("HOSTNAME".length, Math.min(longest, room));
  const line = (name: string, state: string, cells: readonly string[]) =>
    [name.padEnd(first), state, ...cells.map((cell, i) => cell.padEnd(widths[i] ?? 0))].join("  ").trimEnd();
  const headings = columns.map(([heading]) => heading);
  return [
    line("HOSTNAME", "STATE".padEnd(11), headings),
    ...rows.map(({ node, cells }) => line(shortened(node.hostname, first), paint(node.state, node.state.padEnd(11)), cells)),
  ];
}

function cellOf({ findings }: NodeStatus, about: Finding["about"]): string {
  if (about === "Talos") {
    // The version is the same, the schematic is not.
    const [talos, schematic] = ["Talos", "schematic"].map((one) => findings.find((finding) => finding.about === one));
    return `${talos?.brief ?? "-"}${schematic?.state === "different" ? "*" : ""}`;
  }
  return findings.find((finding) => finding.about === about)?.brief ?? "-";
}

function shortened(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

function described({ about, state, what, remedy }: Finding): string[] {
  if (state === "as declared") return [];
  return [...wrapped(`${about}: ${what}`, "  "), ...(remedy ? wrapped(`→ ${remedy}`, "    ") : [])];
}

/** A text in lines that fit; those after the first stand two further in. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${lines.length > 0 ? "  " : ""}${word}`);
  }
  return lines;
}

function differenceOf(difference: string | undefined): string[] {
  if (!difference) return [];
  return [
    "  Secret values are not compared.",
    ...difference
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`.trimEnd()),
  ];
}

function summary(nodes: readonly NodeStatus[]): string {
  const count = (state: State) => nodes.filter((node) => node.state === state).length;
  return (["as declared", "different", "unknown"] as const).map((state) => `${count(state)} ${state}`).join(", ");
}
