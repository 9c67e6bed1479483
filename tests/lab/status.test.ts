/** What `npm run status` says of a cluster as it changes behind the stack's back, and `npm run operation`, which mends it. */
import { expect, test } from "vitest";
import type { ClusterStatus } from "../../cluster/status/status.ts";
import type { Lab } from "./harness/lab.ts";
import { nodes } from "./harness/nodes.ts";
import { secretValues } from "./harness/secrets.ts";
import { startLab } from "./harness/start.ts";

const worker = { name: "status-work-01", address: "127.162.1.21" };

test("a node is as declared, different or unknown; no secret is shown, and the remedy is one", async () => {
  const lab = await startLab({
    name: "status",
    stack: "lab",
    set: { endpoint: "https://10.162.1.11:6443", nodes: nodes("status", "10.162.1", 1, 1) },
  });
  const early = await status(lab);
  expect([early.exitCode, early.text]).toEqual([1, expect.stringContaining("stack lab has no output talosconfig yet: npm run up")]);

  await lab.up();
  await lab.writeCredentials();
  const declared = await status(lab);
  expect([declared.exitCode, declared.text]).toEqual([
    0,
    expect.stringMatching(/^status-work-01 +as declared +v1\.13\.3 +v1\.36\.3 +same +- +Ready$/m),
  ]);
  expect(declared.text).toContain("lab is as declared.\n");

  const patch = JSON.stringify({ machine: { sysctls: { "vm.max_map_count": "262145" } } });
  const node = ["-n", worker.address, "-e", worker.address];
  await lab.output("talosctl", "patch", "machineconfig", "--mode=no-reboot", "--patch", patch, ...node);
  await lab.output("kubectl", "cordon", worker.name);
  const different = await status(lab);
  expect([different.exitCode, different.text]).toEqual([2, expect.stringContaining('-    vm.max_map_count: "262145"\n')]);
  expect(different.text).toContain("kubectl uncordon status-work-01");
  for (const line of different.text.split("\n")) if (!/^ {2}[-+ @]/.test(line)) expect(line.length, line).toBeLessThanOrEqual(80);

  await lab.output("kubectl", "uncordon", worker.name);
  await lab.output("npm", "run", "--silent", "operation", "--", "reconfigure", worker.name);
  const mended = await status(lab, "--json");
  expect(mended.exitCode, mended.text).toBe(0);
  expect(JSON.parse(mended.text) as ClusterStatus).toMatchObject({ state: "as declared", nodes: [{}, { hostname: worker.name }] });

  await lab.machine(worker.name, "off");
  const unknown = await status(lab);
  expect([unknown.exitCode, unknown.text]).toEqual([3, expect.stringMatching(/^status-work-01 +unknown/m)]);
  expect(unknown.text).toContain("docs/runbook.md#dead-hardware");

  const secrets = secretValues(JSON.parse(await lab.output("pulumi", "stack", "export", "--show-secrets")));
  expect(secrets.length).toBeGreaterThan(10);
  const shown = [early, declared, different, mended, unknown].map(({ text }) => text).join("");
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
});

/** As a person runs it, into a pipe: everything that it printed. */
async function status(lab: Lab, ...words: string[]): Promise<{ exitCode: number | undefined; text: string }> {
  const result = await lab.tool("npm", ["run", "--silent", "status", "--", ...words]);
  return { exitCode: result.exitCode, text: `${String(result.all)}\n` };
}
