import { defineConfig } from "vitest/config";

/** The tests that need no lab: pure code, components under Pulumi's mocks, sources against a local server, operations. */
export default defineConfig({
  test: {
    include: ["tests/{cluster,components,sources,operations}/**/*.test.ts"],
    // Two cores are the smallest machine this is built for; more workers only fight over them.
    maxWorkers: 2,
  },
});
