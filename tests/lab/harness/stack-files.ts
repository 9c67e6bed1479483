/** What a stack of a test reads beside its stack file: patches and a schematic of the test's own. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./lab.ts";

/** The extension that the schematic begins with. */
export const agent = "qemu-guest-agent";

export class StackFiles {
  readonly #path: string;

  /** An empty folder that goes with the test, but for a schematic with one extension. */
  constructor(name: string) {
    this.#path = `.lab/tests/${name}-files`;
    const remove = () => rmSync(join(root, this.#path), { recursive: true, force: true });
    remove();
    onTestFinished(remove);
    mkdirSync(join(root, this.#path, "patches"), { recursive: true });
    this.extensions(agent);
  }

  /** Configuration with which the stack reads them. */
  get set(): Record<string, string> {
    return { patches: `${this.#path}/patches`, schematic: `${this.#path}/schematic.yaml` };
  }

  /** Writes, or rewrites, one patch, such as `global/sysctls.yaml`. */
  patch(file: string, text: string): void {
    this.#write(join("patches", file), text);
  }

  removePatch(file: string): void {
    rmSync(join(root, this.#path, "patches", file));
  }

  /** The control plane nodes keep the address of the endpoint among them, as in the lab's own stack. */
  virtualIp(address: string): void {
    this.patch("controller/vip.yaml", `apiVersion: v1alpha1\nkind: Layer2VIPConfig\nname: ${address}\nlink: eth0\n`);
  }

  /** Has the schematic name these official extensions. */
  extensions(...names: string[]): void {
    const list = names.map((name) => `      - siderolabs/${name}\n`).join("");
    this.#write("schematic.yaml", `customization:\n  systemExtensions:\n    officialExtensions:\n${list}`);
  }

  #write(file: string, text: string): void {
    const path = join(root, this.#path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
