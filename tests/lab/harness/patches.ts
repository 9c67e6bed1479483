/** A folder of patches that a test writes. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./lab.ts";

export class Patches {
  /** Inside the project, as the stack file names it. */
  readonly path: string;

  /** An empty folder that goes with the test. */
  constructor(name: string) {
    this.path = `.lab/tests/${name}-patches`;
    const folder = join(root, this.path);
    const remove = () => rmSync(folder, { recursive: true, force: true });
    remove();
    onTestFinished(remove);
    mkdirSync(folder, { recursive: true });
  }

  /** Writes, or rewrites, one file, such as `global/sysctls.yaml`. */
  write(file: string, text: string): void {
    const path = join(root, this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  remove(file: string): void {
    rmSync(join(root, this.path, file));
  }

  /** The control plane nodes keep the address of the endpoint among them, as in the lab's own stack. */
  virtualIp(address: string): void {
    this.write("controller/vip.yaml", `apiVersion: v1alpha1\nkind: Layer2VIPConfig\nname: ${address}\nlink: eth0\n`);
  }
}
