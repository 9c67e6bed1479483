import { setImmediate } from "node:timers/promises";
import { askAbout } from "./lib/config/answers.ts";
import { readDeclaredConfig } from "./lib/config/declared-config.ts";
import { declaredTalos, talosVariables } from "./lib/node/declared-talos.ts";
import { nameOf } from "./lib/node/machine.ts";
import { declaredMachine } from "./lib/node/occupant.ts";
import { rollingNode, rollingVariables } from "./lib/node/rolling-node.ts";
import { Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";

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
      const { takeIn } = await import("./lib/node/first-config.ts");
      if (!(await takeIn(operation, node, config, talos))) return `${nameOf(node)} is in maintenance mode, free to be configured.`;
    }
    // What acts on the answers takes as long to load as they do to come; but loading would hold up the start of the programs that ask.
    const [answers, { reconfigure }] = await Promise.all([
      askAbout(operation, node, config),
      setImmediate().then(() => import("./lib/config/reconfiguration.ts")),
    ]);
    return reconfigure(operation, node, { config, talos }, answers);
  },
});
