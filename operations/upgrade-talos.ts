import { declaredTalos, sameTalos, talosVariables } from "./lib/node/declared-talos.ts";
import { nameOf } from "./lib/node/machine.ts";
import { declaredMachine } from "./lib/node/occupant.ts";
import { finishInterrupted } from "./lib/node/rolling.ts";
import { rollingNode, rollingVariables } from "./lib/node/rolling-node.ts";
import { assertSameVariant } from "./lib/node/secure-boot.ts";
import { runningTalos, upgradeTalos } from "./lib/node/talos-upgrade.ts";
import { Operation } from "./lib/script/operation.ts";
import { script } from "./lib/script/script.ts";

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
