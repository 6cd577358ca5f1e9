/** Fetches a document's text. It knows HTTP, not AsyncAPI. */
import { Failure } from "./failure";

export interface Fetched {
  text: string;
  contentType: string;
}

const ACCEPT = "application/yaml, application/json;q=0.9, text/yaml;q=0.8, text/plain;q=0.5, */*;q=0.1";

const MEANING: Record<number, string> = {
  401: "The server wants you to sign in first.",
  403: "You are not allowed to read it. You may have to sign in first.",
  404: "There is nothing at this address. Check the address that the page was given.",
  406: "The server has the document in no form that this page reads (YAML or JSON).",
  429: "The server asks for fewer requests. Wait a moment, then try again.",
};

function meaning(status: number): string {
  const known = MEANING[status];
  if (known !== undefined) return known;
  return status >= 500
    ? "The server failed while it made the document. Its log says why."
    : "The server did not send the document.";
}

export async function load(url: string, signal: AbortSignal): Promise<Fetched> {
  const response = await request(url, signal);
  const contentType = response.headers.get("Content-Type") ?? "";
  if (!response.ok) {
    const where = `HTTP ${response.status} ${response.statusText}`.trim();
    throw new Failure({ title: "The document could not be loaded", explanation: meaning(response.status), where, items: [url] });
  }
  if (contentType.startsWith("text/html")) {
    throw new Failure({
      title: "The address answers with a web page, not a document",
      explanation: response.redirected
        ? "The request was sent on to another address, perhaps to a sign-in page. Sign in, then try again."
        : "Check the address that the page was given.",
      items: response.redirected ? [url, response.url] : [url],
    });
  }
  return { text: await body(response, url), contentType };
}

async function request(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers: { Accept: ACCEPT }, signal });
  } catch (error) {
    throw unreachable(url, error);
  }
}

async function body(response: Response, url: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(url, error);
  }
}

function unreachable(url: string, error: unknown): unknown {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  const elsewhere = !sameOrigin(url);
  return new Failure({
    title: "The document could not be loaded",
    explanation: elsewhere
      ? "It is on another host. That host must be reachable and allow this page to read it (CORS), and the page's " +
        "Content-Security-Policy must allow the connection (connect-src)."
      : "The server did not answer. Check that it runs and that you are connected, then try again.",
    items: [url],
  });
}

function sameOrigin(url: string): boolean {
  try {
    return new URL(url, location.href).origin === location.origin;
  } catch {
    return true;
  }
}
