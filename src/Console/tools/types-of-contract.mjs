// Writes src/contract.ts from docs/openapi.json: the API tells the shapes, the console does not repeat them by hand.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const document = JSON.parse(readFileSync(join(here, "../../../docs/openapi.json"), "utf8"));

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  const kinds = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : [];
  if (kinds.length === 0) return "unknown";
  return kinds.map((kind) => ({
    string: "string", integer: "number", number: "number", boolean: "boolean", null: "null",
    array: () => `${schema.items ? typeOf(schema.items) : "unknown"}[]`,
    object: "Record<string, unknown>",
  })[kind]).map((t) => (typeof t === "function" ? t() : t)).join(" | ");
}

const lines = ["// Made of docs/openapi.json by `npm run types`; a test compares the two.", ""];
for (const [name, schema] of Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (schema.type !== "object" || !schema.properties || Object.keys(schema.properties).length === 0) continue;
  const required = new Set(schema.required ?? []);
  lines.push(`export interface ${name} {`);
  for (const [field, told] of Object.entries(schema.properties)) lines.push(`  ${/^\w+$/.test(field) ? field : JSON.stringify(field)}${required.has(field) ? "" : "?"}: ${typeOf(told)};`);
  lines.push("}", "");
}

const text = lines.join("\n");
const target = join(here, "../src/contract.ts");
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/contract.ts differs from docs/openapi.json: run `npm run types` in src/Console.");
    process.exit(1);
  }
} else writeFileSync(target, text);
