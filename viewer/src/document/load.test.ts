import { afterEach, describe, expect, it, vi } from "vitest";

import { Failure } from "./failure";
import { load } from "./load";

const signal = new AbortController().signal;

function answer(response: Partial<Response> | Error): void {
  vi.stubGlobal("location", { href: "https://docs.example/docs/", origin: "https://docs.example" });
  vi.stubGlobal("fetch", () => (response instanceof Error ? Promise.reject(response) : Promise.resolve(response)));
}

async function failure(url: string): Promise<Failure["details"]> {
  const error: unknown = await load(url, signal).catch((reason: unknown) => reason);
  if (error instanceof Failure) return error.details;
  throw error;
}

afterEach(() => vi.unstubAllGlobals());

describe("loading a document", () => {
  it("gives its text and its type", async () => {
    answer(new Response("asyncapi: 3.0.0", { headers: { "Content-Type": "application/yaml" } }));
    expect(await load("a.yaml", signal)).toEqual({ text: "asyncapi: 3.0.0", contentType: "application/yaml" });
  });

  it.each([
    [404, "nothing at this address"],
    [403, "sign in"],
    [500, "The server failed"],
    [418, "did not send"],
  ])("says what status %d means", async (status, words) => {
    answer(new Response("", { status }));
    const { where, explanation, items } = await failure("a.yaml");
    expect(where).toContain(`HTTP ${status}`);
    expect(explanation).toContain(words);
    expect(items).toEqual(["a.yaml"]);
  });

  it("says that the server does not answer", async () => {
    answer(new TypeError("Failed to fetch"));
    expect((await failure("/a.yaml")).explanation).toContain("did not answer");
  });

  it("says what another host must allow", async () => {
    answer(new TypeError("Failed to fetch"));
    const { explanation } = await failure("https://elsewhere.example/a.yaml");
    expect(explanation).toContain("CORS");
    expect(explanation).toContain("connect-src");
  });

  it("says that a web page came, perhaps to sign in", async () => {
    const response = new Response("<html>", { headers: { "Content-Type": "text/html; charset=utf-8" } });
    Object.defineProperty(response, "redirected", { value: true });
    Object.defineProperty(response, "url", { value: "https://docs.example/login" });
    answer(response);
    const { title, explanation, items } = await failure("a.yaml");
    expect(title).toContain("web page");
    expect(explanation).toContain("Sign in");
    expect(items).toContain("https://docs.example/login");
  });

  it("lets go quietly when the reader has moved on", async () => {
    answer(new DOMException("aborted", "AbortError"));
    await expect(load("a.yaml", signal)).rejects.toBeInstanceOf(DOMException);
  });
});
