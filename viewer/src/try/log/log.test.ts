import { describe, expect, it } from "vitest";

import { HIDDEN } from "../connection/address";
import { byteLength, note, type NewEntry } from "./entry";
import { jsonLines } from "./exported";
import { Log } from "./Log";
import { Secrets } from "./redact";
import { before, EVERYTHING, View } from "./View";
import { visible } from "./visible";

function received(text: string, more: Partial<NewEntry> = {}): NewEntry {
  return { ...note(text), direction: "received", name: "tick", judgement: "right", ...more };
}

describe("a log", () => {
  it("keeps no more than its limits, and says how many it dropped", () => {
    const log = new Log({ entries: 100, characters: 1_000_000 });
    for (let index = 0; index < 1_000; index++) log.add(received(String(index)));
    expect(log.entries.length).toBeLessThanOrEqual(100);
    expect(log.entries.at(-1)?.text).toBe("999");
    expect(log.dropped + log.entries.length).toBe(1_000);
    expect(log.entries[0]?.number).toBe(log.dropped);
  });

  it("is bounded by its text, too, and always keeps the newest frame", () => {
    const log = new Log({ entries: 100, characters: 1_000 });
    for (let index = 0; index < 20; index++) log.add(received("x".repeat(300)));
    expect(log.entries.length).toBeLessThanOrEqual(3);
    log.add(received("y".repeat(5_000)));
    expect(log.entries.map(({ text }) => text[0])).toEqual(["y"]);
  });

  it("counts the frames that are not as documented", () => {
    const log = new Log();
    log.add(received("1"));
    log.add(received("2", { judgement: "mismatch" }));
    log.add(received("3", { judgement: "undocumented" }));
    log.add(received("4", { direction: "sent", judgement: "mismatch" }));
    expect(log.wrong).toBe(2);
  });
});

describe("a saved log", () => {
  it("holds a frame's numbers as they came", () => {
    const [line] = jsonLines([new Log().add(received('{"id": 9007199254740993,\n "f": 1.0}'))], "Rider").trimEnd().split("\n");
    expect(line).toContain('"frame":{"id":9007199254740993,"f":1.0}}');
    expect(JSON.parse(line ?? "")).toMatchObject({ connection: "Rider", direction: "received", message: "tick" });
  });
});

describe("a text of others", () => {
  it("cannot turn around or hide what stands beside it", () => {
    expect(visible("a\u202eb\u0000\u2066\u007f")).toBe("a\\u202eb\\u0000\\u2066\\u007f");
  });

  it("is left alone where it is ordinary, whatever its language", () => {
    const ordinary = "שלום\u200f, مرحبا, 👩\u200d💻\n\tend";
    expect(visible(ordinary)).toBe(ordinary);
  });
});

describe("a view that is held", () => {
  it("shows what was there, filtered, and nothing that was cleared", () => {
    const log = new Log();
    log.add(received("one"));
    log.add(received("two"));
    const at = log.count;
    log.add(received("one more"));
    expect(before(log, at, EVERYTHING).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(before(log, at, { ...EVERYTHING, text: "ONE" }).map(({ text }) => text)).toEqual(["one"]);
    log.clear();
    expect(before(log, at, EVERYTHING)).toEqual([]);
  });
});

describe("a view", () => {
  it("shows what passes its filter, as frames come", () => {
    const log = new Log();
    const view = new View(log);
    log.add(received("one"));
    const filter = { ...EVERYTHING, text: "ONE" };
    expect(view.update(filter)).toHaveLength(1);
    log.add(received("two"));
    log.add(received("another one"));
    expect(view.update(filter).map(({ text }) => text)).toEqual(["one", "another one"]);
    expect(view.update(EVERYTHING)).toHaveLength(3);
  });

  it("is the same array while nothing changed", () => {
    const log = new Log();
    const view = new View(log);
    log.add(received("one"));
    expect(view.update(EVERYTHING)).toBe(view.update({ ...EVERYTHING }));
  });

  it("forgets what the log dropped or was cleared of", () => {
    const log = new Log({ entries: 10, characters: 1_000_000 });
    const view = new View(log);
    for (let index = 0; index < 8; index++) log.add(received(String(index)));
    view.update(EVERYTHING);
    for (let index = 8; index < 30; index++) log.add(received(String(index)));
    expect(view.update(EVERYTHING)).toEqual(log.entries);
    log.clear();
    expect(view.update(EVERYTHING)).toEqual([]);
    log.add(received("new"));
    expect(view.update(EVERYTHING).map(({ text }) => text)).toEqual(["new"]);
  });

  it("filters by direction, by name, and to what is wrong", () => {
    const log = new Log();
    log.add(received("a", { direction: "sent", name: "ask" }));
    log.add(received("b"));
    log.add(received("c", { judgement: "mismatch" }));
    const texts = (filter: object): string[] => new View(log).update({ ...EVERYTHING, ...filter }).map(({ text }) => text);
    expect(texts({ direction: "sent" })).toEqual(["a"]);
    expect(texts({ direction: "received" })).toEqual(["b", "c"]);
    expect(texts({ name: "ask" })).toEqual(["a"]);
    expect(texts({ onlyWrong: true })).toEqual(["c"]);
  });
});

describe("secrets", () => {
  const secrets = new Secrets();
  secrets.add('quo"te/d secret', "Ada", "Zoë W.", "plain-token", "plain-token-and-more");

  it("are hidden as they are, in JSON, and in an address", () => {
    expect(secrets.hide('say quo"te/d secret')).toBe(`say ${HIDDEN}`);
    expect(secrets.hide(JSON.stringify({ t: 'quo"te/d secret' }))).toBe(`{"t":"${HIDDEN}"}`);
    expect(secrets.hide(`?t=${encodeURIComponent('quo"te/d secret')}`)).toBe(`?t=${HIDDEN}`);
  });

  it("are hidden whole where one contains another", () => {
    expect(secrets.hide("plain-token-and-more plain-token")).toBe(`${HIDDEN} ${HIDDEN}`);
  });

  it.each(['"Ada"', "say Ada.", "\\nAda", "?name=Ada&x", "%2FAda", "Ada_1"])("are hidden where a short one stands by itself: %s", (text) => {
    expect(secrets.hide(text)).toBe(text.replace("Ada", HIDDEN));
  });

  it.each(["Adamant", "Canada", "Ada1", "ada"])("are no reason to hide a word that contains a short one: %s", (text) => {
    expect(secrets.hide(text)).toBe(text);
  });

  it.each(["Zoë W.", "Zo\\u00eb W.", "Zo\\u00EB W.", "Zo%C3%AB%20W.", "Zo%c3%ab%20W.", "Zo%C3%AB+W."])("are hidden however they are escaped: %s", (text) => {
    expect(secrets.hide(`x ${text} y`)).toBe(`x ${HIDDEN} y`);
  });

  it("may be any text", () => {
    const odd = new Secrets();
    odd.add("", "\ud800", "a|b(", "-]^$");
    expect(odd.hide('"a|b(" a -]^$ \ud800')).toBe(`"${HIDDEN}" a ${HIDDEN} ${HIDDEN}`);
  });

  it("that become known later are taken out of what is kept", () => {
    const log = new Log();
    log.add(received("before Ada", { mistakes: [{ path: "/Ada", reason: "x" }] }));
    log.add(received("other"));
    const [, other] = log.entries;
    log.rewrite((text) => secrets.hide(text));
    expect(log.entries[0]).toMatchObject({ text: `before ${HIDDEN}`, isRedacted: true, number: 0, mistakes: [{ path: `/${HIDDEN}` }] });
    expect(log.entries[1]).toBe(other);
  });
});

describe("a saved log", () => {
  it("is a line of JSON for each frame", () => {
    const log = new Log();
    log.add(received('{"a": 1}', { at: 0, size: 8, latency: 1.25 }));
    log.add(received("no json\n", { at: 1, judgement: "undocumented", mistakes: [{ path: "", reason: "is not JSON" }] }));
    const lines = jsonLines(log.entries, "Rider").trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toEqual({
      time: "1970-01-01T00:00:00.000Z", connection: "Rider", direction: "received", message: "tick", bytes: 8,
      latency_ms: 1.3, check: "right", frame: { a: 1 },
    });
    expect(lines[1]).toMatchObject({ text: "no json\n", mistakes: [{ reason: "is not JSON" }] });
  });
});

it.each(["", "abc", "é€", "🚕x"])("the size of %j is that of its UTF-8", (text) => {
  expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
});
