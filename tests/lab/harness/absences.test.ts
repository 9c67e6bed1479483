import { expect, test } from "vitest";
import { departures, overlaps } from "./absences.ts";

const at = (second: number) => new Date(second * 1000).toISOString();
const away = (since: number, until?: number, why = "reboot") => ({
  since: at(since),
  why,
  ...(until === undefined ? {} : { until: at(until) }),
});

test("one after the other is no overlap, also where one leaves as the other returns", () => {
  expect(
    overlaps([
      { name: "c1", absences: [away(10, 20), away(40, 50)] },
      { name: "c2", absences: [away(20, 30)] },
      { name: "c3", absences: [away(30, 40)] },
    ]),
  ).toEqual([]);
});

test("each pair is named once, with the time that both were away", () => {
  expect(
    overlaps([
      { name: "c1", absences: [away(0, 5), away(10, 20)] },
      { name: "c2", absences: [away(15, 30)] },
      { name: "c3", absences: [away(18, 19)] },
    ]),
  ).toEqual([
    { first: "c1", second: "c2", from: 15_000, until: 20_000 },
    { first: "c1", second: "c3", from: 18_000, until: 19_000 },
    { first: "c2", second: "c3", from: 18_000, until: 19_000 },
  ]);
});

test("one that has not returned is away for good", () => {
  expect(
    overlaps([
      { name: "c1", absences: [away(10)] },
      { name: "c2", absences: [away(100)] },
    ]),
  ).toEqual([{ first: "c1", second: "c2", from: 100_000, until: Number.POSITIVE_INFINITY }]);
});

test("departures come in order, of all reasons or of one", () => {
  const machines = [
    { name: "w1", absences: [away(30, 31, "upgrade")] },
    { name: "c1", absences: [away(1, 2, "upgrade"), away(10, 11, "reboot"), away(20, 21, "upgrade")] },
  ];
  expect(departures(machines)).toEqual(["c1", "c1", "c1", "w1"]);
  expect(departures(machines, "upgrade")).toEqual(["c1", "c1", "w1"]);
});
