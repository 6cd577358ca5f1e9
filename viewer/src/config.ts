/** The page's configuration: a JSON block in the page, so that no script has to be inline. */

export interface DocumentLink {
  label: string;
  url: string;
}

/** Where the try-it-out is; the page has none of it where the block says nothing. */
export interface TryItOutConfig {
  script: string;
  style: string;
  /** Whether it starts open. */
  open: boolean;
}

export interface Config {
  title: string;
  documents: DocumentLink[];
  tryItOut?: TryItOutConfig;
}

const BLOCK = "chanspec-config";

/** Throws an Error that says what the block lacks. */
export function parseConfig(text: string): Config {
  const data = JSON.parse(text) as Partial<Config>;
  const documents = Array.isArray(data.documents) ? data.documents : [];
  const complete = documents.every((item) => typeof item.label === "string" && typeof item.url === "string");
  if (documents.length === 0 || !complete) {
    throw new Error(`#${BLOCK} must list at least one document with a label and a url`);
  }
  return { title: typeof data.title === "string" ? data.title : "", documents, ...tryItOut(data.tryItOut) };
}

function tryItOut(data: Partial<TryItOutConfig> | undefined): Pick<Config, "tryItOut"> {
  if (typeof data?.script !== "string" || typeof data.style !== "string") return {};
  return { tryItOut: { script: data.script, style: data.style, open: data.open === true } };
}

export function readConfig(): Config {
  const block = document.getElementById(BLOCK);
  if (block === null) throw new Error(`The page has no #${BLOCK} block`);
  return parseConfig(block.textContent ?? "");
}
