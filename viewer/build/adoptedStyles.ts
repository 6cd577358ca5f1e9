/**
 * Lets the editor's styles through a strict policy. CodeMirror writes them into a `style` element, which
 * `style-src 'self'` blocks; constructed style sheets, which it uses in shadow roots, are allowed everywhere.
 */
import type { Plugin } from "vite";

const FROM = "!root.head && root.adoptedStyleSheets";
const TO = "root.adoptedStyleSheets";

export function adoptedStyles(): Plugin {
  let isDone = false;
  return {
    name: "chanspec:adopted-styles",
    transform(code, id) {
      if (!/\/style-mod\/.*\.js$/.test(id)) return null;
      if (!code.includes(FROM)) this.error(`${id} no longer contains ${FROM}: adapt build/adoptedStyles.ts`);
      isDone = true;
      return { code: code.replace(FROM, TO), map: null };
    },
    buildEnd(error) {
      if (error === undefined && !isDone) this.error("style-mod is not in the build: adapt build/adoptedStyles.ts");
    },
  };
}
