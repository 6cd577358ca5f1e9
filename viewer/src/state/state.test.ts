import { describe, expect, it } from "vitest";

import { parseConfig } from "../config";
import { anchorId, anchorIn, chosenDocument, chosenPerspective, withDocument, withPerspective } from "./pageUrl";
import { storedTheme, storeTheme, type Store } from "./theme";

const DOCUMENTS = [
  { label: "Rides & drivers", url: "/rides.yaml" },
  { label: "Notifications", url: "/notifications.yaml" },
];

describe("the page's address", () => {
  it("names a document, and survives any label", () => {
    const address = withDocument("https://h/docs/?keep=1#operation-send-x", "Rides & drivers");
    expect(address).toBe("https://h/docs/?keep=1&document=Rides+%26+drivers");
    expect(chosenDocument(new URL(address).search, DOCUMENTS).url).toBe("/rides.yaml");
  });

  it("falls back to the first document", () => {
    expect(chosenDocument("", DOCUMENTS).url).toBe("/rides.yaml");
    expect(chosenDocument("?document=Nothing", DOCUMENTS).url).toBe("/rides.yaml");
  });

  it("forgets how the last document was read when it names another", () => {
    const address = withPerspective("https://h/?document=Notifications#x", "client");
    expect(chosenPerspective(new URL(address).search)).toBe("client");
    expect(new URL(address).hash).toBe("#x");
    expect(chosenPerspective(new URL(withDocument(address, "Rides & drivers")).search)).toBeUndefined();
    expect(chosenPerspective("?perspective=sideways")).toBeUndefined();
  });

  it("knows which links stay in the page, whatever document they were made for", () => {
    const address = "https://h/docs/?document=Notifications";
    expect(anchorIn("#servers", address)).toBe("#servers");
    expect(anchorIn("/docs/?document=Rides#server-a", address)).toBe("#server-a");
    expect(anchorIn("/docs/?document=Rides", address)).toBeUndefined();
    expect(anchorIn("/other#servers", address)).toBeUndefined();
    expect(anchorIn("https://elsewhere/docs/#servers", address)).toBeUndefined();
    expect(anchorIn("about:blank", address)).toBeUndefined();
  });

  it("names elements whose ids need escapes", () => {
    expect(anchorId("#operation-send-a%20b")).toBe("operation-send-a b");
    expect(anchorId("#100%")).toBe("100%");
  });
});

describe("the theme", () => {
  function memory(): Store & { values: Map<string, string> } {
    const values = new Map<string, string>();
    return {
      values,
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
  }

  it("is remembered while it differs from the system's", () => {
    const store = memory();
    storeTheme(() => store, "dark", "light");
    expect(storedTheme(() => store)).toBe("dark");
    storeTheme(() => store, "light", "light");
    expect(store.values.size).toBe(0);
  });

  it("does without a store that may not be touched", () => {
    const forbidden = (): Store => {
      throw new DOMException("denied", "SecurityError");
    };
    expect(storedTheme(forbidden)).toBeUndefined();
    expect(() => storeTheme(forbidden, "dark", "light")).not.toThrow();
  });

  it("ignores what is not a theme", () => {
    const store = memory();
    store.values.set("chanspec-theme", "<b>");
    expect(storedTheme(() => store)).toBeUndefined();
  });
});

describe("the configuration", () => {
  it("is read from its block", () => {
    expect(parseConfig('{"title": "T", "documents": [{"label": "A", "url": "/a"}]}').documents).toHaveLength(1);
  });

  it.each(['{"documents": []}', "{}", '{"documents": [{"label": 1, "url": "/a"}]}'])("%s is refused", (text) => {
    expect(() => parseConfig(text)).toThrow("chanspec-config");
  });
});
