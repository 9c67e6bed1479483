// Loaded before Pulumi (see Pulumi.yaml) and before each script that a Command runs: keeps compiled code between runs, which halves the time that is spent in Node.
// Plain JavaScript, so that nothing has to be stripped of its types before the cache is there.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));
