/**
 * How the page is built: one module, one style sheet and the licences, with fixed names, into the Django app's static
 * files. It is not a development server's configuration.
 */
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

import { licences } from "./build/licences.ts";
import { standIns } from "./build/standIns.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: here("./public"),
  plugins: [standIns(here("./src/component")), react(), licences({ fileName: "LICENSES.txt" })],
  build: {
    outDir: here("../src/chanspec/channels/static/chanspec"),
    emptyOutDir: true,
    target: ["chrome111", "firefox114", "safari16.4"],
    cssCodeSplit: false,
    modulePreload: false,
    sourcemap: false,
    // The page is one file on purpose; what counts is its size on the wire, which a test bounds.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: here("./src/main.tsx"),
      output: {
        format: "es",
        codeSplitting: false,
        entryFileNames: "docs.js",
        assetFileNames: "docs[extname]",
      },
    },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});
