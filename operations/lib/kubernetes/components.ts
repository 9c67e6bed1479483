import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readResources } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { Call } from "../talosctl/talosctl.ts";

/** Where Talos says what it is to run of the control plane: the resource of each program. */
export const controlPlane = {
  "kube-apiserver": "apiserverconfigs",
  "kube-controller-manager": "controllermanagerconfigs",
  "kube-scheduler": "schedulerconfigs",
} as const;

/** A program of the control plane as a node is to run it. */
export interface Component {
  readonly name: keyof typeof controlPlane;
  readonly image: string;
  /** Of what Talos made the pod of: its pod carries the same once it runs by it. */
  readonly configVersion: string;
}

/** The control plane's programs that a node is to run, as Talos there has it: all but those that its config has switched off. */
export async function componentsOf(asking: Asking, address: string, call: Call = {}): Promise<Reply<Component[]>> {
  const programs = Object.entries(controlPlane) as [Component["name"], string][];
  const replies = await Promise.all(
    programs.map(([name, type]) => ask(asking, address, ["get", type, "-o", "json"], (stdout) => readComponent(name, stdout), call)),
  );
  const problem = replies.find((reply) => "problem" in reply);
  return problem ?? { value: replies.flatMap((reply) => ("value" in reply ? reply.value : [])) };
}

function readComponent(name: Component["name"], stdout: string): Component[] {
  const [found] = readResources(stdout);
  const { image, enabled } = (found?.spec ?? {}) as { image?: string; enabled?: boolean };
  if (enabled === false) return [];
  if (!found || !image) throw new Error(`it has no image of ${name} yet`);
  return [{ name, image, configVersion: found.version }];
}
