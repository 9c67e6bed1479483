import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // Needs no lab: pure code, components under Pulumi's mocks, sources against a local server, commands, operations.
        // The timeouts are those of a machine that is busy with something else: a test that hangs still ends.
        extends: true,
        test: {
          name: "unit",
          globalSetup: "tests/operations/support/stand-ins.ts",
          include: ["tests/{cluster,components,sources,commands,operations,sdks,lab/harness}/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The whole, through the real engine. A lab mostly waits: two of them, each at its own addresses, share two cores well.
        extends: true,
        test: { name: "lab", include: ["tests/lab/*.test.ts"], testTimeout: 1_500_000, hookTimeout: 120_000 },
      },
    ],
    // CI's machine may be busy with something else: there, and only there, a test may fail once.
    retry: process.env.CI ? 1 : 0,
    // Two cores are the smallest machine this is built for; more workers only fight over them.
    maxWorkers: 2,
  },
});
