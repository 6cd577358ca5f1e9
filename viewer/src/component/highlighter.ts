/** Colours code: the languages that a document is written in, and its commands. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import json from "highlight.js/lib/languages/json";
import yaml from "highlight.js/lib/languages/yaml";

hljs.registerLanguage("bash", bash);
hljs.registerLanguage("json", json);
hljs.registerLanguage("yaml", yaml);

/** Characters of code that are coloured. */
const COLOURED = 60_000;

/** HTML of the code; undefined where the language is not known, or the code is too long. */
export function highlighted(code: string, language: string): string | undefined {
  if (code.length > COLOURED || hljs.getLanguage(language) === undefined) return undefined;
  try {
    return hljs.highlight(code, { language }).value;
  } catch {
    return undefined;
  }
}
