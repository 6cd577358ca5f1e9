/**
 * Replaces what `@asyncapi/react-component` brings and the page must not contain: the parser with its validators (they
 * compile code with `new Function`, which a strict Content-Security-Policy forbids, and weigh four times the rest),
 * the renderer of untrusted links and Markdown, and an error boundary that hides errors from ours.
 *
 * The component's version is pinned; a stand-in or a rewrite that no longer fits fails the build.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);
const component = join(dirname(require.resolve("@asyncapi/react-component/package.json")), "lib/esm");
const parser = join(dirname(require.resolve("@asyncapi/parser/package.json")), "esm");
const yaml = join(dirname(require.resolve("yaml/package.json")), "browser/dist");

/** Modules answered with a file of ours, by the name they are imported by. */
const MODULES: Record<string, string> = {
  "@asyncapi/parser": "parserModels.ts",
  "@asyncapi/parser/cjs/document": "parserModels.ts",
};

/** Files answered with a file of ours, re-exported. */
const FILES: Record<string, string> = {
  [join(component, "components/Href.js")]: "Href.tsx",
  [join(component, "components/Markdown.js")]: "Markdown.tsx",
  [join(component, "components/JSONSnippet.js")]: "JSONSnippet.tsx",
  [join(component, "containers/ApplicationErrorHandler/ErrorBoundary.js")]: "PassThrough.tsx",
};

/** Modules and files of which only the names are needed, because the code that uses them is never reached. */
const HOLLOW_MODULES: Record<string, string> = {
  "@asyncapi/specs": "export default { schemas: {} };",
  "@stoplight/spectral-core": "export class Document {}",
  "@stoplight/types": "export const DiagnosticSeverity = {};",
  "fast-xml-parser": "export class XMLBuilder {}",
  // Examples are made, within bounds, by `GeneratedExample`.
  "openapi-sampler": "export const sample = () => undefined;",
};
const HOLLOW_FILES: Record<string, string> = {
  [join(component, "helpers/parser.js")]: "export {};",
  [join(component, "containers/Sidebar/Sidebar.js")]: "export const Sidebar = () => null;",
  [join(parser, "schema-parser/index.js")]: "export const getDefaultSchemaFormat = () => '';",
  // The page reads YAML 1.2; it writes none, and nothing older.
  [join(yaml, "stringify/stringify.js")]: "export const createStringifyContext = () => ({});\nexport const stringify = String;",
  [join(yaml, "stringify/stringifyCollection.js")]: "export const stringifyCollection = String;",
  [join(yaml, "stringify/stringifyDocument.js")]: "export const stringifyDocument = String;",
  [join(yaml, "stringify/stringifyNumber.js")]: "export const stringifyNumber = String;",
  [join(yaml, "stringify/stringifyPair.js")]: "export const stringifyPair = String;",
  [join(yaml, "stringify/stringifyString.js")]: "export const stringifyString = String;",
};

/**
 * Lines of the component that are wrong: words that do not fit what a server sends, a count that begins at 0, a count
 * of shared messages, which are called by name, and an effect that closes every schema that was to begin open. An
 * operation's payload begins open here, and a field says its constant and its choices without being opened: they are what
 * one came to read. AsyncAPI 3 gives parameters no schema; where `x-schema` does, it is shown. Servers are named where a
 * channel is not on all of them. Operations, messages and schemas have a link to themselves, and those that do not fit
 * the first windows are drawn after the page answers. A reply's channel, with all its messages, is built when it is
 * opened: built hidden for every reply, a channel of n messages costs n squared.
 */
const rewrites = (folder: string): Record<string, [string, string][]> => ({
  // What is a collection cannot be a member's name in JSON. The original would write it as YAML.
  [join(yaml, "nodes/addPairToJSMap.js")]: [["isNode(key) && ctx?.doc", "false"]],
  [join(component, "containers/Schemas/Schema.js")]: [
    ["import { Schema as", `${linkMark(folder)}import { Schema as`],
    ["schemaName: schemaName, schema: schema }", 'schemaName: schemaName, schema: schema, mark: React.createElement(LinkMark, { anchor: "schema-" + schemaName, name: schemaName }) }'],
  ],
  [join(component, "containers/Messages/Message.js")]: [
    // Only the section of shared messages names them; there, a list to look through, they begin closed.
    ['schemaName: "Payload", schema: payload', 'schemaName: "Payload", schema: payload, expanded: !messageName'],
    ["import { MessageExample }", `${linkMark(folder)}import { MessageExample }`],
    ["title && React", "(title || messageName) && React"],
    [
      '"text-gray-700 mr-2" }, title)',
      '"text-gray-700 mr-2" }, title || messageName, messageName && React.createElement(LinkMark, { anchor: "message-" + messageName, name: messageName }))',
    ],
  ],
  [join(component, "components/Schema/Schema.js")]: [
    [
      "import { Rules }",
      `import { opensItself, opensToo, valuesOf } from ${JSON.stringify(join(folder, "values.ts"))};\n` +
        `import { beginOpening } from ${JSON.stringify(join(folder, "drawn.ts"))};\n` +
        `import { TooMuch } from ${JSON.stringify(join(folder, "TooMuch.tsx"))};\nimport { Rules }`,
    ],
    ["useState(propExpanded || isArray)", "useState(function () { return propExpanded || (isArray && opensItself(schema)); })"],
    ["setDeepExpand(deepExpanded);", "setDeepExpand(deepExpanded && opensToo(schema));"],
    ["var newExpandedState = !expanded;", "var newExpandedState = !expanded;\n setRefused(false);\n beginOpening(function () { setRefused(true); });"],
    ["var contextValue = useMemo", "var _r = useState(false), refused = _r[0], setRefused = _r[1];\n    var contextValue = useMemo"],
    [
      'React.createElement("div", { className: "flex " }, !isCircular',
      'refused && expanded && React.createElement(TooMuch, null, "Not all of it was opened: it is too large, or too deep. Open the others one by one."),\n' +
        'isArray && !expanded && isExpandable && !isCircular && React.createElement(TooMuch, null, "What is inside is nested too deeply to be shown here."),\n' +
        'React.createElement("div", { className: "flex " }, !isCircular',
    ],
    ['" [CIRCULAR]") : schemaType)', '" [contains itself]") : schemaType + valuesOf(schema))'],
    ['React.createElement("div", { className: "ml-auto', '_a.mark, React.createElement("div", { className: "ml-auto'],
    ["var _o = useState('RULES')", "var asked = React.useRef(false);\n    var _o = useState('RULES')"],
    [
      "if (!isArray) {\n            setExpanded(deepExpand);",
      "if (!isArray && asked.current !== deepExpand) {\n            asked.current = deepExpand;\n            setExpanded(deepExpand);",
    ],
  ],
  [join(component, "helpers/schema.js")]: [
    [
      "import { SchemaV2 as SchemaClass",
      `import { typeInside } from ${JSON.stringify(join(folder, "values.ts"))};\n` +
        `import { inOneLine } from ${JSON.stringify(join(folder, "printed.ts"))};\nimport { SchemaV2 as SchemaClass`,
    ],
    // Types in types in types: their names would grow, and the stack would not.
    ['"array<".concat(this.toSchemaType(items)', '"array<".concat(typeInside(() => this.toSchemaType(items))'],
    ["return _this.toSchemaType(item);", "return typeInside(() => _this.toSchemaType(item));"],
    [": this.toSchemaType(additionalItems);", ": typeInside(() => this.toSchemaType(additionalItems));"],
    ['return "[".concat(value.toString(), "]");', "return inOneLine(value);"],
    ["return JSON.stringify(value);", "return inOneLine(value);"],
    [
      "obj[parameter.id()].description = parameter.hasDescription()",
      'Object.assign(obj[parameter.id()], parameter.json()["x-schema"]);\n' +
        "            obj[parameter.id()].description = parameter.hasDescription()",
    ],
  ],
  [join(component, "containers/Operations/Operations.js")]: [
    ["import { Operation }", `${later(folder)}import { Operation }`],
    ["function (operation) {", "function (operation, idx) {"],
    ["React.createElement(Operation, {", "React.createElement(Later, { index: idx, anchor: operationId }, React.createElement(Operation, {"],
    ["channel: channel })));", "channel: channel }))));"],
  ],
  [join(component, "containers/Messages/Messages.js")]: [
    ["import { Message }", `${later(folder)}import { Message }`],
    ["React.createElement(Message, {", 'React.createElement(Later, { index: idx, anchor: "message-" + message.id() }, React.createElement(Message, {'],
    ["index: idx + 1, key", "key"],
    [": false })));", ": false }))));"],
  ],
  [join(component, "containers/Schemas/Schemas.js")]: [
    ["import { Schema }", `${later(folder)}import { Schema }`],
    ["function (schema) {", "function (schema, idx) {"],
    ["React.createElement(Schema, {", 'React.createElement(Later, { index: idx, anchor: "schema-" + schema.id() }, React.createElement(Schema, {'],
    ["schema: schema }))); }))));", "schema: schema })))); }))));"],
  ],
  // No headings: none of the level above stands over them.
  [join(component, "containers/Messages/MessageExample.js")]: [
    ['createElement("h6"', 'createElement("p"'],
    ["import { MessageHelpers }", `import { GeneratedExample } from ${JSON.stringify(join(folder, "GeneratedExample.tsx"))};\nimport { MessageHelpers }`],
    // It recurses; the snippet leaves out the same members, and stops in time.
    ["MessageHelpers.sanitizeExample(example.example)", "example.example"],
    ["React.createElement(JSONSnippet, { snippet: MessageHelpers.generateExample(schema.json()) })", "React.createElement(GeneratedExample, { schema: schema.json() })"],
    [',\n            React.createElement("p", { className: "text-xs font-bold text-gray-600 italic mt-2" }, "This example has been generated automatically.")', ""],
  ],
  [join(component, "containers/Servers/Security.js")]: [['createElement("h5"', 'createElement("p"']],
  [join(component, "containers/Operations/ServersList.js")]: [
    ["import { CommonHelpers }", "import { useSpec } from '../../contexts';\nimport { CommonHelpers }"],
    ["servers.length === 0", "servers.length === useSpec().servers().length"],
  ],
  [join(component, "containers/Operations/Operation.js")]: [
    ["import { Message }", `${linkMark(folder)}import { Message }`],
    [
      '"font-mono text-base" }, channelName)',
      '"font-mono text-base" }, channelName), React.createElement(LinkMark, { anchor: CommonHelpers.getOperationIdentifier({ operation: operation, config: config }), name: operationId })',
    ],
    ['"Accepts the following message:"', '"Message"'],
    ['"Accepts ",', ""],
    ['"one of")', '"One of")'],
    ["index: idx, showExamples", "index: idx + 1, showExamples"],
    ['"REPLY INFORMATION"', '"Reply"'],
    ['"REPLY CHANNEL INFORMATION"', '"Channel"'],
    ["_c = useState(false), showMessages", "_c = useState(true), showMessages"],
    [
      'explicitChannel && (React.createElement("div", { className: "w-full mt-4',
      'explicitChannel && showChannel && (React.createElement("div", { className: "w-full mt-4',
    ],
  ],
});

const later = (folder: string): string => `import { Later } from ${JSON.stringify(join(folder, "Later.tsx"))};\n`;
const linkMark = (folder: string): string => `import { LinkMark } from ${JSON.stringify(join(folder, "LinkMark.tsx"))};\n`;

const HOLLOW = "\0hollow:";

export function standIns(folder: string): Plugin {
  const lines = rewrites(folder);
  const unused = new Set([
    ...Object.keys(MODULES),
    ...Object.keys(FILES),
    ...Object.keys(HOLLOW_MODULES),
    ...Object.keys(HOLLOW_FILES),
    ...Object.keys(lines),
  ]);
  return {
    name: "chanspec:stand-ins",
    enforce: "pre",
    apply: "build",
    resolveId(source) {
      const file = MODULES[source];
      if (file !== undefined) {
        unused.delete(source);
        return join(folder, file);
      }
      if (source in HOLLOW_MODULES) {
        unused.delete(source);
        return HOLLOW + source;
      }
      return null;
    },
    load(id) {
      const hollow = id.startsWith(HOLLOW) ? HOLLOW_MODULES[id.slice(HOLLOW.length)] : HOLLOW_FILES[id];
      if (hollow !== undefined) {
        unused.delete(id);
        return { code: hollow, moduleSideEffects: false };
      }
      const file = FILES[id];
      if (file === undefined) return null;
      unused.delete(id);
      const ours = JSON.stringify(join(folder, file));
      return `export * from ${ours};\nexport { default } from ${ours};`;
    },
    transform(code, id) {
      const changes = lines[id];
      if (changes === undefined) return null;
      unused.delete(id);
      let result = code;
      for (const [from, to] of changes) {
        if (!result.includes(from)) this.error(`${id} no longer contains ${from}: adapt build/standIns.ts`);
        result = result.replaceAll(from, to);
      }
      return { code: result, map: null };
    },
    buildEnd(error) {
      if (error === undefined && unused.size > 0) {
        this.error(`never imported, so not replaced: ${[...unused].join(", ")}: adapt build/standIns.ts`);
      }
    },
  };
}

