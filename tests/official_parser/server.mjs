// Answers requests about documents, one JSON value a line, on standard output; started once for a whole test session.
// Not a validator of its own: it says what the official parser and two YAML readers say.
//
//   {"parse": TEXT}  ->  {"diagnostics": [{"severity": "error", "code", "message", "path"}, ...], "parsed": BOOL}
//   {"read": TEXT}   ->  {"yaml": READING, "js-yaml": READING, "js-yaml 1.1": READING}; a READING is {"value"} or {"error"}
//
// A request that fails is answered {"failure": TEXT}.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

import { Parser } from '@asyncapi/parser';
import { CORE_SCHEMA, YAML11_SCHEMA, load } from 'js-yaml';
import { parse as readYaml } from 'yaml';

// The parser compiles AsyncAPI's own JSON Schema anew for every document, a fifth of a second each. The schema is the same
// each time, and so are the compiled validators kept here: the same checks, fifty times as quick.
const ajv = createRequire(import.meta.url)('@stoplight/spectral-functions/dist/schema/ajv.js');
const compiled = ajv.createAjvInstances();
ajv.createAjvInstances = () => compiled;

const SEVERITIES = ['error', 'warning', 'info', 'hint'];

// A document under test is whole. What it refers to elsewhere is not fetched (a resolver that throws would hand over to
// the one that fetches): it is read as nothing, and reported.
let elsewhere = [];
const nothing = ['http', 'https', 'file'].map((schema) => ({
  schema,
  order: 1,
  read: (uri) => {
    elsewhere.push(String(uri));
    return '{}';
  },
}));
const parser = new Parser({ __unstable: { resolver: { cache: false, resolvers: nothing } } });

async function parse(text) {
  elsewhere = [];
  const { document, diagnostics } = await parser.parse(text);
  return {
    parsed: document !== undefined,
    diagnostics: [
      ...elsewhere.map((uri) => ({
        severity: 'error',
        code: 'outside-reference',
        message: `refers to ${uri}, outside the document`,
        path: [],
      })),
      ...diagnostics.map(({ severity, code, message, path }) => ({
        severity: SEVERITIES[severity] ?? String(severity),
        code: String(code),
        message,
        path: path.map(String),
      })),
    ],
  };
}

const readers = {
  yaml: (text) => readYaml(text, { maxAliasCount: 0 }),
  'js-yaml': (text) => load(text, { schema: CORE_SCHEMA }),
  'js-yaml 1.1': (text) => load(text, { schema: YAML11_SCHEMA }),
};

function read(text) {
  const values = {};
  for (const [name, reader] of Object.entries(readers)) {
    try {
      values[name] = { value: reader(text) };
    } catch (error) {
      values[name] = { error: String(error) };
    }
  }
  return values;
}

async function answer(line) {
  try {
    const request = JSON.parse(line);
    return 'parse' in request ? await parse(request.parse) : read(request.read);
  } catch (error) {
    return { failure: String(error?.stack ?? error) };
  }
}

// Whatever a dependency prints must not be taken for an answer.
console.log = console.info = console.debug = console.error;

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
