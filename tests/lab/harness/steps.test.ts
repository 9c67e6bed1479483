import { expect, test } from "vitest";
import type { EngineEvent } from "./events.ts";
import { Steps } from "./steps.ts";

const urn = (name: string) => `urn:pulumi:lab::phoebe::command:local:Command::${name}`;
const begins = (name: string, op: string): EngineEvent => ({
  sequence: 1,
  resourcePreEvent: { metadata: { op, urn: urn(name), type: "command:local:Command" } },
});
const says = (name: string, message: string): EngineEvent => ({
  sequence: 1,
  diagnosticEvent: { urn: urn(name), message, severity: "info" },
});

const steps = new Steps([
  { what: "c1 begins", resource: /talos-c1/ },
  { what: "c1 is installed", resource: /talos-c1/, says: /installed/ },
  { what: "c2 begins", resource: /talos-c2/ },
]);

test("an event is known by its resource and by what the script says", () => {
  expect(steps.at(begins("talos-c1-command", "update"))).toBe(0);
  expect(steps.at(begins("talos-c1-command", "same")), "nothing happens to it").toBe(-1);
  expect(steps.at(says("talos-c1-command", "v1.13.3 is installed"))).toBe(1);
  expect(steps.at(says("talos-c2-command", "v1.13.3 is installed"))).toBe(-1);
  expect(steps.at(begins("talos-c2-command", "update"))).toBe(2);
});

test("kill points are spread over all steps", () => {
  const many = new Steps(Array.from({ length: 25 }, (_, n) => ({ what: `${n}`, resource: /./ })));
  expect(many.spread(10)).toEqual([0, 2, 5, 7, 10, 12, 15, 17, 20, 22]);
});
