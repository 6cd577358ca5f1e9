/**
 * Writes the licences of every package that ended up in the page, in a stable order. It reads what the bundler really
 * put in, not what is installed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

interface Manifest {
  name?: string;
  version?: string;
  license?: string;
}

const SEPARATOR = "\n\n\n\n";
const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\b|[-_.])/i;

function packageFolder(file: string): string | undefined {
  for (let folder = dirname(file); folder.includes("node_modules"); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as Manifest).version !== undefined) {
      return folder;
    }
  }
  return undefined;
}

function entry(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const texts = readdirSync(folder)
    .filter((name) => LICENCE_FILE.test(name) && !name.endsWith(".js"))
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
  const head = `${manifest.name} ${manifest.version} (${manifest.license ?? "licence not stated"})`;
  return [head, "=".repeat(head.length), "", ...texts].join("\n");
}

/** `/*! ... *\/` comments of style sheets: other people's work that a package carries inside its own file. */
function stylesheetNotices(code: string): string[] {
  return [...code.matchAll(/\/\*!\s*([\s\S]*?)\s*\*\//g)]
    .map((match) => match[1] ?? "")
    .filter((notice) => notice.includes("License"));
}

/** Entries of an earlier build into the same folder, which are kept. */
function earlier(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").trim().split(SEPARATOR).slice(1);
}

export interface LicencesOptions {
  fileName: string;
  /** Where an earlier build wrote the file that this one completes. */
  completes?: string;
}

export function licences({ fileName, completes }: LicencesOptions): Plugin {
  const notices = new Set<string>();
  const folders = new Set<string>();
  return {
    name: "chanspec:licences",
    apply: "build",
    enforce: "pre",
    transform(code, id) {
      if (!id.split("?")[0]?.endsWith(".css")) return;
      stylesheetNotices(code).forEach((notice) => notices.add(notice));
      const folder = packageFolder(id);
      if (folder !== undefined) folders.add(folder);
    },
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk") continue;
        for (const [id, module] of Object.entries(file.modules)) {
          const folder = module.renderedLength > 0 ? packageFolder(id.replace(/^\0/, "").split("?")[0] ?? id) : undefined;
          if (folder !== undefined) folders.add(folder);
        }
      }
      const lead = "The documentation page contains these packages, each under its own licence.";
      const inside = [...notices].sort().map((notice) => `The style sheet also contains: ${notice}`);
      const before = completes === undefined ? [] : earlier(completes);
      const entries = [...new Set([...before, ...inside, ...[...folders].map(entry)])].sort();
      this.emitFile({ type: "asset", fileName, source: `${[lead, ...entries].join(SEPARATOR)}\n` });
    },
  };
}
