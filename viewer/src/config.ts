/** The page's configuration: a JSON block in the page, so that no script has to be inline. */

export interface DocumentLink {
  label: string;
  url: string;
}

export interface Config {
  title: string;
  documents: DocumentLink[];
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
  return { title: typeof data.title === "string" ? data.title : "", documents };
}

export function readConfig(): Config {
  const block = document.getElementById(BLOCK);
  if (block === null) throw new Error(`The page has no #${BLOCK} block`);
  return parseConfig(block.textContent ?? "");
}
