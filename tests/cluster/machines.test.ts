import { expect, test } from "vitest";
import { anotherHostname } from "../../cluster/machines.ts";

const before = [
  { hostname: "c1", address: "10.1.0.1" },
  { hostname: "w1", address: "10.1.0.4" },
];

test.each([
  ["nothing", before],
  ["the order", [...before].reverse()],
  ["a node that is removed", before.slice(0, 1)],
  ["a node that is added", [...before, { hostname: "w2", address: "10.1.0.5" }]],
])("%s may change", (_, now) => {
  expect(anotherHostname(before, now)).toEqual([]);
});

test("an address keeps its hostname; each that does not is told", () => {
  const swapped = [
    { hostname: "w1", address: "10.1.0.1" },
    { hostname: "c9", address: "10.1.0.4" },
  ];
  expect(anotherHostname(before, swapped)).toEqual([
    "10.1.0.1 is declared as w1, and was c1: a node is not renamed. " +
      "Take it out of the stack file: npm run up removes c1; then add the machine as w1.",
    "10.1.0.4 is declared as c9, and was w1: a node is not renamed. " +
      "Take it out of the stack file: npm run up removes w1; then add the machine as c9.",
  ]);
});
