import { readFileSync, writeFileSync } from "node:fs";
import { releaseFileSchema, stackFileSchema } from "../cluster/json-schema.ts";

// Writes the JSON Schemas that editors read; with --check, only says whether the committed ones are these.
const files = { "phoebe.schema.json": stackFileSchema("phoebe"), "release.schema.json": releaseFileSchema() };
for (const [file, schema] of Object.entries(files)) {
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what the code says: run npm run generate:schema`);
    process.exitCode = 1;
  }
}
