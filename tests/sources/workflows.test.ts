/** What GitHub runs cannot be run here: it is held to what can be known of it. */
import { globSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  on: string | Record<string, unknown>;
  jobs: Record<string, { steps: Step[] }>;
}

const workflows = globSync(".github/workflows/*.yaml").map((file) => {
  const workflow = parse(readFileSync(file, "utf8")) as Workflow;
  return { file, workflow, steps: Object.values(workflow.jobs).flatMap(({ steps }) => steps) };
});
const steps = workflows.flatMap((each) => each.steps);

test("every action is pinned by its commit, the same one everywhere", () => {
  const pins = steps.flatMap(({ uses }) => uses?.split("@") && [uses.split("@") as [string, string]]).filter((pin) => pin !== undefined);
  expect(pins).not.toEqual([]);
  for (const pin of pins) expect(pin).toEqual([expect.any(String), expect.stringMatching(/^[0-9a-f]{40}$/)]);
  expect(new Set(pins.map(String)).size).toBe(new Set(pins.map(([name]) => name)).size);
});

test.each(steps.flatMap(({ run }) => (run ? [run] : [])))("bash can read: %s", async (run) => {
  await execa("bash", ["-n"], { input: run.replaceAll(/\$\{\{.*?\}\}/g, "x") });
});

test("the schema is compared with the official one before a change is merged, and the official plugins are tried each night", () => {
  const of = (event: string) =>
    workflows.flatMap(({ workflow, steps }) =>
      typeof workflow.on === "object" && event in workflow.on ? steps.map(({ run }) => run ?? "") : [],
    );
  const ci = of("push");
  const schema = ci.findIndex((run) => /package get-schema[\s\S]*TALOS_SCHEMA=.*GITHUB_ENV/.test(run));
  expect(schema).toBeGreaterThanOrEqual(0);
  expect(ci.slice(schema)).toContain("npm test");
  expect(of("schedule")).toContain("npm run lab -- --plugins official");
});
