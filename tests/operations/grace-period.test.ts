import { beforeEach, expect, test, vi } from "vitest";
import { GracePeriod } from "../../operations/lib/script/grace-period.ts";

/** Seconds, as the clock has them. */
let now = 0;
beforeEach(() => {
  now = 5_000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now * 1000);
  return () => clock.mockRestore();
});

type Look = readonly [after: number, seen: boolean, left?: number];

test.each<[string, number, Look[]]>([
  ["one look decides nothing", 60, [[0, true, 60]]],
  [
    "what stays so is believed in the end, and from then on",
    60,
    [
      [0, true, 60],
      [20, true, 40],
      [40, true, 0],
      [100, true, 0],
    ],
  ],
  [
    "a break begins it anew",
    60,
    [
      [0, true, 60],
      [50, true, 10],
      [5, false],
      [1, true, 60],
      [59, true, 1],
      [1, true, 0],
    ],
  ],
  [
    "a break after it was believed does too",
    60,
    [
      [0, true, 60],
      [70, true, 0],
      [1, false],
      [1, true, 60],
    ],
  ],
  [
    "time before the first look does not count",
    60,
    [
      [1_000, true, 60],
      [30, true, 30],
    ],
  ],
  [
    "nor does time in which it is not so",
    60,
    [
      [0, false],
      [90, false],
      [90, true, 60],
    ],
  ],
  [
    "parts of a second count",
    0.5,
    [
      [0, true, 0.5],
      [0.25, true, 0.25],
      [0.25, true, 0],
    ],
  ],
  ["without a grace it is believed at once", 0, [[0, true, 0]]],
])("%s", (_, seconds, looks) => {
  const period = new GracePeriod(seconds);
  for (const [after, seen, left] of looks) {
    now += after;
    if (seen) expect(period.left()).toBeCloseTo(left ?? Number.NaN);
    else period.begin();
  }
});

test("each watches for itself", () => {
  const [one, other] = [new GracePeriod(10), new GracePeriod(10)];
  one.left();
  now += 10;
  expect([one.left(), other.left()]).toEqual([0, 10]);
});
