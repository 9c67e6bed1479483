import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../cluster/user-error.ts";

/** What a machine config is made of, apart from its secrets. */
export interface ConfigInput {
  clusterName: string;
  endpoint: string;
  role: string;
  talosContract: string;
  kubernetesVersion: string;
  configPatches: readonly string[];
}

/** A secrets file that no cluster has. */
export function makeUpSecrets(talosContract: string): Promise<string> {
  return talosctl("gen", "secrets", "--talos-version", talosContract, "--output-file", "-");
}

/** The machine config that `talosctl gen config` makes, which is what the stack's provider makes. */
export async function generateConfig(machine: ConfigInput, secrets: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "render-"));
  try {
    const write = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const patches = await Promise.all(machine.configPatches.map((text, index) => write(`patch-${index}.yaml`, text)));
    return await talosctl(
      ...["gen", "config", machine.clusterName, machine.endpoint, "--with-secrets", await write("secrets.yaml", secrets)],
      ...["--talos-version", machine.talosContract, "--kubernetes-version", machine.kubernetesVersion.replace(/^v/, "")],
      ...["--output-types", machine.role, "--output", "-", "--with-docs=false", "--with-examples=false"],
      ...patches.flatMap((file) => ["--config-patch", `@${file}`]),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function talosctl(...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("talosctl", args, { maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT")
      throw new UserError("talosctl is not in PATH; it makes machine configs and secrets. docs/preview.md says where it comes from");
    throw new UserError(`talosctl ${args.slice(0, 2).join(" ")}: ${stderr?.trim() || (error as Error).message}`);
  }
}
