// Loaded before Pulumi (see Pulumi.yaml): keeps compiled code between runs, which halves the time a preview spends in Node.
// Plain JavaScript, so that nothing has to be stripped of its types before the cache is there.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));
