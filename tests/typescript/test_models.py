"""TypeScript made of our documents: Modelina names every model, discriminators narrow, and `tsc --strict` agrees."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel

from chanspec import AsyncAPIGenerator, document_action, document_event
from chanspec.asyncapi.template import render
from tests.chat.conftest import EXAMPLE as CHAT
from tests.demo.conftest import EXAMPLE as DISPATCH
from tests.programs import NODE, TYPESCRIPT

HERE = Path(__file__).parent
GUIDE = (HERE.parents[1] / "docs/how-to/typescript.md").read_text(encoding="utf-8")
MODULES = HERE / "node_modules"

STRICT = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "bundler",
        "jsx": "react-jsx",
        "lib": ["ES2022", "DOM"],
        "types": [],
    },
    "include": ["src"],
}

# What must not compile, each line for one reason.
WRONG = """
import type { ClientAction, ServerEvent } from "./api/useChatSocket";

// @ts-expect-error a misspelled action
export const misspelled: ClientAction = { action: "joim", username: "Ada", room: "general" };
// @ts-expect-error a field is missing
export const incomplete: ClientAction = { action: "join", username: "Ada" };
// @ts-expect-error every message says what it is
export const nameless: ClientAction = { username: "Ada", room: "general" };
// @ts-expect-error not every event has a text
export const unnarrowed = (event: ServerEvent) => event.text;
"""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    NODE.needed()
    TYPESCRIPT.needed()


def block(name: str) -> str:
    """The guide's block whose first line names a file."""
    [found] = re.findall(rf"```\w+\n(// {re.escape(name)}.*?|# {re.escape(name)}.*?)```", GUIDE, re.DOTALL)
    return found


def models(document: Path, folder: Path) -> list[str]:
    """Generate a document's interfaces into a folder; their names."""
    command = ["node", str(HERE / "generate.mjs"), str(document), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def compile_strictly(project: Path) -> None:
    (project / "node_modules").symlink_to(MODULES)
    (project / "tsconfig.json").write_text(json.dumps(STRICT))
    command = ["node", str(MODULES / "typescript/bin/tsc"), "--project", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout


def guide_document(folder: Path) -> Path:
    """The document of the guide's consumer."""
    source = folder / "guide_consumers.py"
    source.write_text(block("chat/consumers.py"))
    specification = importlib.util.spec_from_file_location("guide_consumers", source)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["guide_consumers"] = module
    specification.loader.exec_module(module)
    path = folder / "asyncapi.json"
    path.write_text(AsyncAPIGenerator(module.ChatConsumer, channel_path="/ws/chat/").get_json())
    del sys.modules["guide_consumers"]
    return path


def test_the_guides_hook_and_component_compile_and_mistakes_do_not(tmp_path: Path) -> None:
    generated = tmp_path / "src/api/models"
    names = models(guide_document(tmp_path), generated)
    assert sorted(names) == ["Join", "Leave", "MessageNew", "SendMessage", "UserJoined", "UserLeft"]
    shown = block("src/api/models/MessageNew.ts").partition("\n")[2]
    assert (generated / "MessageNew.ts").read_text().split() == shown.split()
    for name in ("src/api/useChatSocket.ts", "src/ChatRoom.tsx"):
        (tmp_path / name).write_text(block(name))
    (tmp_path / "src/wrong.ts").write_text(WRONG)
    compile_strictly(tmp_path)


def exported(command: list[str], folder: Path, path: Path) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if done.stdout.startswith("{"):
        path.write_text(done.stdout)
    return json.loads(path.read_text())


def demo_document(demo: str, path: Path) -> dict[str, Any]:
    if demo == "dispatch":
        command = ["manage.py", "export_asyncapi", "--format", "json", "--output", str(path)]
        return exported([sys.executable, *command], DISPATCH, path)
    code = (
        "from chat.app import app\n"
        "from starlette.testclient import TestClient\n"
        "print(TestClient(app, 'http://localhost').get('/ws-docs/asyncapi.json').text)"
    )
    return exported([sys.executable, "-c", code], CHAT, path)


def test_every_type_of_a_hand_written_document_has_a_name(tmp_path: Path) -> None:
    template = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  orders:
    address: /ws/orders/
    messages: {placed: {$ref: '#/components/messages/placed'}}
operations:
  place: {action: receive, channel: {$ref: '#/channels/orders'}}
components:
  messages:
    placed:
      name: OrderPlaced
      payload:
        type: object
        properties:
          state: {type: string, enum: [new, paid]}
          buyer: {type: object, properties: {name: {type: string}}}
          lines: {type: array, items: {type: object, properties: {size: {type: string, enum: [s, m]}}}}
          cash: {$ref: '#/components/schemas/Cash'}
  schemas:
    Cash:
      type: object
      properties:
        coins: {type: array, items: {type: object, properties: {worth: {type: integer}}}}
"""
    path = tmp_path / "asyncapi.yaml"
    path.write_text(render(template, host="localhost", protocol="ws").text)
    names = models(path, tmp_path / "src/models")
    assert sorted(names) == [
        *("Cash", "CashCoinsItem", "OrderPlaced", "OrderPlacedBuyer"),
        *("OrderPlacedLinesItem", "OrderPlacedLinesItemSize", "OrderPlacedState"),
    ]


@pytest.mark.parametrize("demo", ["dispatch", "chat"])
def test_every_message_of_a_demo_is_a_named_interface_with_a_literal_discriminator(demo: str, tmp_path: Path) -> None:
    path = tmp_path / "asyncapi.json"
    document = demo_document(demo, path)
    generated = tmp_path / "src/models"
    names = models(path, generated)
    assert not [name for name in names if name.startswith("Anonymous")]
    for message in document["components"]["messages"].values():
        payload = message["payload"]
        [field] = [name for name, schema in payload["properties"].items() if "const" in schema][:1]
        text = (generated / f"{payload['title']}.ts").read_text()
        constant = payload["properties"][field]["const"]
        assert re.search(rf"^  '?{field}'?: '{re.escape(constant)}';$", text, re.MULTILINE), text
    compile_strictly(tmp_path)


T = TypeVar("T")


class Map(BaseModel):
    names: dict[str, int] = {}


class Page(BaseModel, Generic[T]):
    items: list[T]


@dataclass
class HTTPError:
    code: int


@dataclass
class HttpError:
    reason: Literal["late", "gone"]


class NastyNames:
    """Messages and types whose names mean something else to TypeScript, or one thing in PascalCase."""

    @document_action("Show a map", action="map", payload=Map)
    def on_map(self, content: Any) -> None: ...

    @document_action(action="delete", payload={"properties": {"set": {"enum": ["a", "b"]}}})
    def delete(self, content: Any) -> None: ...

    @document_event("HTTPError", payload=HTTPError)
    def failed(self, event: Any) -> None: ...

    @document_event("HttpError", payload=HttpError)
    def failed_too(self, event: Any) -> None: ...

    @document_event("news", payload=Page[Map])
    def news(self, event: Any) -> None: ...

    @document_event("NEWS", payload=Page[Page[Map]])
    def more_news(self, event: Any) -> None: ...

    @document_event("error", payload={"properties": {"price": {"title": "Price (EUR)", "properties": {"a": {}}}}})
    def error(self, event: Any) -> None: ...

    @document_event("404", payload={"properties": {"errors": {"type": "array", "items": {"enum": [1, 2]}}}})
    def missing(self, event: Any) -> None: ...

    @document_event("\u0446\u0435\u043d\u0430", payload=Page[HTTPError])
    def price(self, event: Any) -> None: ...


def test_every_type_has_a_name_of_its_own_that_is_none_of_typescripts(tmp_path: Path, official_parser: Any) -> None:
    generator = AsyncAPIGenerator(NastyNames)
    official_parser.check(generator.get_spec())
    path = tmp_path / "asyncapi.json"
    path.write_text(generator.get_json())
    names = models(path, tmp_path / "src/models")
    of_messages = "MapAction DeleteAction HttpError HttpErrorEvent News NewsEvent ErrorEvent Message404 Message"
    of_parts = "DeleteActionSet HttpErrorEventReason ErrorEventPrice Message404ErrorsItem"
    of_components = "MapType PageMap MessageHttpError"
    assert sorted(names) == sorted(f"{of_messages} {of_parts} {of_components}".split())
    compile_strictly(tmp_path)
