/** `npm run generate:schema`: the JSON Schemas that editors read. */
import { writeFileSync } from "node:fs";
import { releaseFileSchema, stackFileSchema } from "../cluster/json-schema.ts";

const files = { "phoebe.schema.json": stackFileSchema("phoebe"), "release.schema.json": releaseFileSchema() };
for (const [file, schema] of Object.entries(files)) writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
