// Writes the TypeScript interfaces of an AsyncAPI document: node generate.mjs DOCUMENT FOLDER. Prints their names as JSON.
// The options are those of `asyncapi generate models typescript --tsModelType interface --tsExportType named --tsRawPropertyNames`.
import { readFileSync } from "node:fs";

import { Parser } from "@asyncapi/parser";
import { TypeScriptFileGenerator } from "@asyncapi/modelina";

const [file, folder] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
if (!document) {
  throw new Error(JSON.stringify(diagnostics));
}
const generator = new TypeScriptFileGenerator({ modelType: "interface", rawPropertyNames: true });
const models = await generator.generateToFiles(document, folder, { exportType: "named" });
console.log(JSON.stringify(models.map((model) => model.modelName)));
