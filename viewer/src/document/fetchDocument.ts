/** Address → prepared document. It remembers nothing. */
import { load } from "./load";
import { parse } from "./parse";
import { prepare, type Prepared } from "./prepare";

export async function fetchDocument(url: string, signal: AbortSignal): Promise<Prepared> {
  const { text, contentType } = await load(url, signal);
  return prepare(parse(text, contentType));
}
