/** Text → plain data: JSON, or YAML 1.2. It does not ask what the data mean. */
import { LineCounter, parseDocument } from "yaml";

import { Failure } from "./failure";

export function parse(text: string, contentType: string): unknown {
  if (text.trim() === "") {
    throw new Failure({ title: "The document is empty", explanation: "The server answered, with no text at all." });
  }
  const isJson = /[/+]json\b/i.test(contentType);
  if (isJson || /^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      // JSON is YAML, and the YAML parser says where a mistake is. YAML allows more, though.
      const data = parseYaml(text, isJson ? "JSON" : "YAML");
      if (isJson) throw new Failure({ title: "The document is not valid JSON", explanation: sentence(String(error)) });
      return data;
    }
  }
  return parseYaml(text, "YAML");
}

function parseYaml(text: string, language: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: "1.2", merge: true, lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const source = text.split(/\r?\n/)[line - 1];
    throw new Failure({
      title: `The document is not valid ${language}`,
      explanation: sentence(error.message),
      where: `line ${line}, column ${col}`,
      ...(source !== undefined && source.trim() !== "" ? { items: [source.trim().slice(0, 200)] } : {}),
    });
  }
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown;
  } catch (reason) {
    throw new Failure({
      title: `The document is not valid ${language}`,
      explanation: sentence(reason instanceof Error ? reason.message : String(reason)),
    });
  }
}

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
