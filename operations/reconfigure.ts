import { setImmediate } from "node:timers/promises";
import { askAbout } from "./lib/answers.ts";
import { declaredMachine } from "./lib/declared.ts";
import { readDeclaredConfig } from "./lib/declared-config.ts";
import { declaredTalos, talosVariables } from "./lib/declared-talos.ts";
import { nameOf } from "./lib/machine.ts";
import { Operation } from "./lib/operation.ts";
import { rollingNode, rollingVariables } from "./lib/rolling-node.ts";
import { script } from "./lib/script.ts";

await script({
  name: "reconfigure",
  summary:
    "Brings a running node to the machine config on standard input: at once where that will do, otherwise by a reboot that the cluster can spare.",
  variables: [...rollingVariables, ...talosVariables],
  run: async (env, signal) => {
    const node = rollingNode(env);
    const operation = new Operation(env, signal);
    await operation.begin();
    const config = await readDeclaredConfig(operation);
    const talos = declaredTalos(env);
    if ((await declaredMachine(operation, node)) === "maintenance") {
      const { takeIn } = await import("./lib/taking-in.ts");
      if (!(await takeIn(operation, node, config, talos))) return `${nameOf(node)} is in maintenance mode, free to be configured.`;
    }
    // What acts on the answers takes as long to load as they do to come; but loading would hold up the start of the programs that ask.
    const [answers, { reconfigure }] = await Promise.all([
      askAbout(operation, node, config),
      setImmediate().then(() => import("./lib/reconfiguration.ts")),
    ]);
    return reconfigure(operation, node, { config, talos }, answers);
  },
});
