import { expect, test } from "vitest";
import { typed } from "../../sources/typed.ts";

test.each<[string, string, string, unknown]>([
  ["a number where the key takes a text", "clusterName", "1", "1"],
  ["true where the key takes a text", "clusterName", "true", "true"],
  ["a number where the key takes one", "workerLanes", "2", 2],
  ["a number that the key does not take", "workerLanes", "0", "0"],
  ["true where the key takes it", "allowDestroy", "true", true],
  ["a list, right or wrong", "nodes", '[{"hostname":"c1"}]', [{ hostname: "c1" }]],
  ["a mapping where the key takes a text", "clusterName", '{"a":1}', { a: 1 }],
  ["a key without a value", "chartMirror", "null", null],
  ["a text that only begins as JSON", "talosVersion", "1.13.3", "1.13.3"],
  ["a number under a key that nobody knows", "workerLane", "2", "2"],
])("%s", (_, key, text, value) => {
  expect(typed(key, text)).toEqual(value);
});
