/** What the page's own address says: which document, and how to read it. Nothing here touches the browser. */
import type { DocumentLink } from "../config";
import type { Perspective } from "../document/prepare";

const DOCUMENT = "document";
const PERSPECTIVE = "perspective";

/** The document the address names; the first where it names none, or one that is not offered. */
export function chosenDocument(search: string, documents: readonly DocumentLink[]): DocumentLink {
  const label = new URLSearchParams(search).get(DOCUMENT);
  const found = documents.find((link) => link.label === label) ?? documents[0];
  if (found === undefined) throw new Error("There is no document to choose");
  return found;
}

/** The address for another document. An anchor belongs to the document it was in, and goes. */
export function withDocument(address: string, label: string): string {
  const url = new URL(address);
  url.searchParams.set(DOCUMENT, label);
  url.searchParams.delete(PERSPECTIVE);
  url.hash = "";
  return url.href;
}

export function chosenPerspective(search: string): Perspective | undefined {
  const value = new URLSearchParams(search).get(PERSPECTIVE);
  return value === "server" || value === "client" ? value : undefined;
}

export function withPerspective(address: string, perspective: Perspective): string {
  const url = new URL(address);
  url.searchParams.set(PERSPECTIVE, perspective);
  return url.href;
}

/** The anchor that a link in this page points at, or undefined where the link leads to another page. */
export function anchorIn(link: string, address: string): string | undefined {
  const [to, from] = [new URL(link, address), new URL(address)];
  const same = to.origin === from.origin && to.pathname === from.pathname;
  return same && to.hash.length > 1 ? to.hash : undefined;
}

/** `#operation-send-a%20b` → the id of the element. */
export function anchorId(hash: string): string {
  const text = hash.replace(/^#/, "");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
