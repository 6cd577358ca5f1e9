/** Fetches the try-it-out's module and style sheet, once, when they are first wanted. */
import * as React from "react";
import * as ReactDom from "react-dom";
import * as jsxRuntime from "react/jsx-runtime";

import type { TryItOutConfig } from "../config";
import type { TryModule } from "./module";

/** The module uses the page's React; its build names the same symbol. */
Object.assign(globalThis, { [Symbol.for("chanspec.react")]: { React, ReactDom, jsxRuntime } });

let loading: Promise<TryModule> | undefined;
let failures = 0;

function style(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = url;
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      reject(new Error(`${url} could not be loaded`));
    };
    document.head.append(link);
  });
}

/**
 * Relative addresses are relative to the page, not to the module that imports.
 *
 * Chromium 150 remembers the address of a module that could not be loaded. So each further attempt has a fragment of its own,
 * which is part of that address and is not sent.
 */
export function loadTryItOut({ script, style: sheet }: TryItOutConfig): Promise<TryModule> {
  const address = new URL(script, document.baseURI).href + (failures > 0 ? `#${failures}` : "");
  loading ??= Promise.all([import(/* @vite-ignore */ address) as Promise<TryModule>, style(sheet)]).then(([module]) => module);
  loading.catch(() => {
    loading = undefined;
    failures += 1;
  });
  return loading;
}
