/**
 * Gives the try-it-out the React that the page has already loaded, instead of one of its own: hooks work across both,
 * and nothing is loaded twice. `src/tryout/load.ts` puts it where this looks.
 */
import * as React from "react";
import * as ReactDom from "react-dom";
import * as jsxRuntime from "react/jsx-runtime";
import type { Plugin } from "vite";

const SHARED = "\0shared:";
const HOLDER = 'globalThis[Symbol.for("chanspec.react")]';

const MODULES: Record<string, [string, object]> = {
  react: ["React", React],
  "react-dom": ["ReactDom", ReactDom],
  "react/jsx-runtime": ["jsxRuntime", jsxRuntime],
};

function source(member: string, module: object): string {
  const names = Object.keys(module).filter((name) => /^[A-Za-z]\w*$/.test(name) && name !== "default");
  return [`const shared = ${HOLDER}.${member};`, ...names.map((name) => `export const ${name} = shared.${name};`), "export default shared;"].join("\n");
}

export function sharedReact(): Plugin {
  return {
    name: "chanspec:shared-react",
    enforce: "pre",
    resolveId: (id) => (id in MODULES ? SHARED + id : null),
    load(id) {
      const found = id.startsWith(SHARED) ? MODULES[id.slice(SHARED.length)] : undefined;
      return found === undefined ? null : { code: source(...found), moduleSideEffects: false };
    },
  };
}
