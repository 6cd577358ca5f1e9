"""Documents from somebody who wants to stop what reads them: the generator, a template, a conformance run, the page.

Each document goes to each reader, in a process of its own with bounded processor time and memory. A reader ends within
its bounds, with what it read or with an error that is documented; what it writes is printable, bounded and its
own. Ordinary documents with some changes follow, for as long as the session lasts.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML

from fuzzing.mutators import garbled, mangled, written
from fuzzing.reading import CPU_SECONDS, MAX_OUTPUT, READERS, Child
from fuzzing.session import Case, Session, in_general

ABOUT = "hostile documents to the generator, export, conform and the page"
SHARE = 0.15

MODULES = ("tests.hostile_documents", "tests.hostile_templates")
"""Where tests keep theirs, in ``DOCUMENTS``, ``TEXTS`` or ``PAYLOADS``."""
FAKE = "0 findings, really"
FAKES = f"no findings\n{FAKE}\x1b[2J\x1b[H \u202e"


def known() -> dict[str, Callable[[], str]]:
    """The documents by name."""
    found = own()
    for module in MODULES:
        with contextlib.suppress(ModuleNotFoundError):
            found.update(_in(importlib.import_module(module)))
    return found


def _in(module: Any) -> Iterator[tuple[str, Callable[[], str]]]:
    """What a module of tests has: by name a function, or a pair or an object that has one as ``make``."""
    short = module.__name__.rpartition(".")[2]
    for table in ("DOCUMENTS", "TEXTS"):
        for name, each in getattr(module, table, {}).items():
            make = each[0] if isinstance(each, tuple) else getattr(each, "make", each)
            yield f"{short}.{name}", make
    for name, each in getattr(module, "PAYLOADS", {}).items():
        payload = each[0] if isinstance(each, tuple) else each
        yield f"{short}.{name}", lambda made=payload: json.dumps(with_payload(made() if callable(made) else made))


def with_payload(payload: Any, **components: Any) -> dict[str, Any]:
    """A document with one action, and one event in reply."""
    messages = {"ask": {"payload": payload}, "answer": {"payload": {"type": "object"}}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hostile", "version": "1"},
        "channels": {"room": {"address": "/room", "messages": messages}},
        "operations": {
            "ask": {
                "action": "receive",
                "channel": {"$ref": "#/channels/room"},
                "messages": [{"$ref": "#/channels/room/messages/ask"}],
                "reply": {"messages": [{"$ref": "#/channels/room/messages/answer"}]},
            }
        },
        "components": components,
    }


def own() -> dict[str, Callable[[], str]]:
    """The documents of this module: one for each kind of harm, so that a short run has seen them all."""
    nested: Any = {"type": "string"}
    for _ in range(8):
        nested = {"type": "array", "minItems": 1000, "items": nested}
    names = [f"p{index}" for index in range(8)]
    shared: dict[str, Any] = {"S12": {"type": "string"}}
    for level in range(12):
        properties = {name: {"$ref": f"#/components/schemas/S{level + 1}"} for name in names}
        shared[f"S{level}"] = {"type": "object", "properties": properties, "required": names}
    chain: dict[str, Any] = {f"M{n}": {"$ref": f"#/components/messages/M{n + 1}"} for n in range(800)}
    chain["M800"] = {"payload": {"type": "object"}}
    circle = {"allOf": [{"$ref": "#/components/schemas/A"}]}
    slow = {"properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}, "required": ["x"]}
    lying = {**with_payload({"const": FAKES, "title": FAKES}), "channels": _lying()}
    emphasis = {**with_payload(True), "info": {"title": "x", "version": "1", "description": "*a_" * 30_000}}
    documents = {
        "nested arrays": with_payload(nested),
        "nested references": with_payload({"$ref": "#/components/schemas/S0"}, schemas=shared),
        "chain of messages": with_payload(True, messages=chain),
        "circle": with_payload({"$ref": "#/components/schemas/A"}, schemas={"A": circle}),
        "slow pattern": with_payload(slow),
        "numbers": with_payload({"type": "integer", "minimum": 10**400, "multipleOf": 0}),
        "half a character": with_payload({"const": "\ud800"}),
        "names that lie": lying,
        "emphasis": emphasis,
    }
    texts = {"brackets": "asyncapi: 3.0.0\nx: " + "[" * 20_000, "not a number": '{"asyncapi": "3.0.0", "info": NaN}'}
    texts.update((name, json.dumps(document)) for name, document in documents.items())
    return {name: lambda text=text: text for name, text in texts.items()}


def _lying() -> dict[str, Any]:
    channel = with_payload(True)["channels"]["room"]
    return {"room": channel, FAKES: {**channel, "title": FAKES, "description": FAKES}}


PAGE = "page"


def wrong_with(answer: dict[str, Any], reader: str) -> tuple[str, str] | None:
    """What went wrong when a reader read a document: a key for what is the same, and a sentence."""
    if "killed" in answer:
        return "does not end", f"{reader} does not end within {CPU_SECONDS} s of a processor ({answer['killed']})"
    if "raised" in answer:
        return f"raises {answer['raised']}", f"{reader} raises {answer['raised']}: {answer['text']}"
    shown = answer["shown"]
    if len(shown) > MAX_OUTPUT:
        return "output", f"{reader} writes more than {MAX_OUTPUT >> 20} MiB"
    for line in shown.split("\n"):
        if not line.replace("\t", " ").isprintable():
            return "unprintable", f"{reader} writes what no terminal should be sent: {ascii(line)[:200]}"
        if line.startswith(FAKE):
            return "lies", f"{reader} lets a document write a line of its own: {ascii(line)[:200]}"
    return None


class Page:
    """The documentation page in a browser, which is started when it is first wanted."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._browser: Any = None

    def wrong_with(self, text: str) -> tuple[str, str] | None:
        from playwright.sync_api import Error

        from tests.browser import Watch, running_browser
        from tests.viewer.site import Answer, running_site

        if self._browser is None:
            self._browser = self._stack.enter_context(running_browser())
            self._site = self._stack.enter_context(running_site())
        context = self._browser.new_context()
        try:
            page = context.new_page()
            watch = Watch(page)
            page.set_default_timeout(CPU_SECONDS * 3000)  # a clock's, on a machine that does other things
            page.goto(self._site.offer(hostile=Answer(text.encode("utf-8", "replace"))))
            page.wait_for_selector("#operations, [role=alert]", state="attached")
            page.evaluate("1")
            if watch.dialogs or watch.popups or (off := watch.requests_off(self._site.origin)):
                return (
                    "reaches out",
                    f"the page opened something or left its origin: {watch.dialogs or watch.popups or off}"[:300],
                )
        except Error as error:
            return (
                f"page {in_general(str(error))[:40]}",
                f"the page does not answer: {str(error).splitlines()[0][:200]}",
            )
        finally:
            context.close()
        return None

    def close(self) -> None:
        self._stack.close()


def fuzz(session: Session) -> None:
    """Give every document to every reader, and then changed ones until the session is over."""
    documents, page, child = known(), Page(), Child()
    has_browser = session.browser and any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    readers = [*READERS, *([PAGE] if has_browser else ())]
    first = [(name, reader) for name in documents for reader in readers]
    session.random("order").shuffle(first)  # a session that ends early has seen some of everything
    session.figures["documents"] = f"{len(documents)} by hand, to {', '.join(readers)}"
    try:
        for random in session.cases():
            if first:
                name, reader = first.pop()
                case: Case = {"reader": reader, "document": name}
            else:
                reader = random.choice(list(READERS))
                case = {"reader": reader, "text": _changed(random)}
            found = _tried(case, page, child)
            if found is not None and session.is_new(key := f"{reader} {found[0]}"):
                session.failed(key, f"{case.get('document', 'a changed document')}: {found[1]}", case)
    finally:
        page.close()
        child.close()
    session.figures["documents left out for time"] = str(len(first))


def _tried(case: Case, page: Page, child: Child) -> tuple[str, str] | None:
    text = case["text"] if "text" in case else known()[case["document"]]()
    reader = case["reader"]
    return page.wrong_with(text) if reader == PAGE else wrong_with(child.read(reader, text), reader)


def _changed(random: Random) -> str:
    """An ordinary document with a few changes."""
    folder = Path(__file__).parent.parent / "tests" / "documents" / "golden"
    path = random.choice(sorted(folder.glob("*.yaml")))
    value, raw = mangled(random, YAML(typ="safe").load(path))
    text = written(value, raw)
    changed = garbled(random, text) if random.random() < 0.3 else text
    return changed if isinstance(changed, str) else text


def replay(case: Case) -> str | None:
    """Give the document of a case to its reader once more."""
    page, child = Page(), Child()
    try:
        found = _tried(case, page, child)
    finally:
        page.close()
        child.close()
    return None if found is None else found[1]
