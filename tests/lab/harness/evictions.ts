/** Which pods of a test's own were evicted, by what the API server writes on them: one that went down with its node has nothing of it. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Lab } from "./lab.ts";

export interface Eviction {
  /** Where the pod was. */
  readonly node: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface Evictions {
  /** Those of pods that are gone. */
  readonly seen: readonly Eviction[];
  readonly stop: () => Promise<unknown>;
}

const evicted = '{.object.status.conditions[?(@.reason=="EvictionByEvictionAPI")].lastTransitionTime}';

/** Begins to watch the pods of a tenant, of which one has to be there. */
export async function watchEvictions(lab: Lab, name: string): Promise<Evictions> {
  const output = `--output=jsonpath={.type} {.object.spec.nodeName} ${evicted}{"\\n"}`;
  const watching = lab.tool("kubectl", [
    ...["get", "pods", "--namespace=default", `--selector=app=${name}`, "--watch", "--output-watch-events", output],
  ]);
  const lines = createInterface({ input: watching.stdout as NodeJS.ReadableStream });
  const seen: Eviction[] = [];
  lines.on("line", (line) => {
    const [type, node = "", at = ""] = line.split(" ");
    if (type === "DELETED" && at !== "") seen.push({ node, at });
  });
  const failed = watching.then(({ all }) => {
    throw new Error(`kubectl does not watch the pods of ${name}: ${all}`);
  });
  await Promise.race([once(lines, "line"), failed]);
  failed.catch(() => {}); // it ends when it is told to
  const stop = () => {
    watching.kill();
    return watching;
  };
  return { seen, stop };
}
