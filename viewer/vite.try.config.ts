/** How the try-it-out is built: one module and one style sheet beside the page's, loaded when it is first opened. */
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

import { adoptedStyles } from "./build/adoptedStyles.ts";
import { licences } from "./build/licences.ts";
import { sharedReact } from "./build/sharedReact.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = here("../src/chanspec/channels/static/chanspec");

export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: false,
  plugins: [sharedReact(), adoptedStyles(), react(), licences({ fileName: "LICENSES.txt", completes: `${folder}/LICENSES.txt` })],
  build: {
    outDir: folder,
    emptyOutDir: false,
    target: ["chrome111", "firefox114", "safari16.4"],
    cssCodeSplit: false,
    modulePreload: false,
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: here("./src/try/index.ts"),
      preserveEntrySignatures: "strict",
      output: { format: "es", codeSplitting: false, entryFileNames: "try.js", assetFileNames: "try[extname]" },
    },
  },
});
