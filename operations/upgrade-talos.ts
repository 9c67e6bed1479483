import { declaredMachine } from "./lib/declared.ts";
import { declaredTalos, sameTalos, talosVariables } from "./lib/declared-talos.ts";
import { nameOf } from "./lib/machine.ts";
import { Operation } from "./lib/operation.ts";
import { finishInterrupted } from "./lib/rolling.ts";
import { rollingNode, rollingVariables } from "./lib/rolling-node.ts";
import { script } from "./lib/script.ts";
import { assertSameVariant } from "./lib/secure-boot.ts";
import { runningTalos, upgradeTalos } from "./lib/talos-upgrade.ts";

await script({
  name: "upgrade-talos",
  summary: "Brings one node to the declared Talos version and schematic: gated, drained, proved. One that runs them already is left alone.",
  variables: [...rollingVariables, ...talosVariables],
  run: async (env, signal) => {
    const node = rollingNode(env);
    const operation = new Operation(env, signal);
    await operation.begin();
    if ((await declaredMachine(operation, node)) === "maintenance") {
      return `${nameOf(node)} is in maintenance mode, with nothing to upgrade.`;
    }
    const declared = declaredTalos(env);
    const [before] = await Promise.all([runningTalos(operation, node), assertSameVariant(operation, node, declared.image, "configured")]);
    if (!sameTalos(before, declared)) return upgradeTalos(operation, node, before, declared);
    const finished = await finishInterrupted(operation, node, { mayBeIll: true });
    return `${nameOf(node)} runs Talos ${declared.version}${finished ? ", and is back at its work" : " already"}.`;
  },
});
