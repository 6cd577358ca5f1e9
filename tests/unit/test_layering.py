"""What importing chanspec brings along: only what is used, and no framework."""

from __future__ import annotations

import subprocess
import sys

import pytest

FRAMEWORKS = {"django", "channels", "rest_framework", "starlette", "fastapi", "uvicorn", "redis"}
OTHERS = {"attrs", "msgspec", "yaml", "jsonschema"}


def imported_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running ``code``."""
    script = f"{code}\nimport sys\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_decorators_bring_nothing_along() -> None:
    found = imported_by("from chanspec import document_action, document_event")
    assert found.isdisjoint(FRAMEWORKS | OTHERS | {"pydantic", "pydantic_core", "jsonschema_rs", "ruamel"})


DECLARE = """
from dataclasses import dataclass
from chanspec import AsyncAPIGenerator, document_action
@dataclass
class Payload:
    x: int
class Consumer:
    @document_action(payload=Payload, responses={"done": {"id": "uuid"}})
    async def handle_go(self): ...
"""


def test_declaring_typed_messages_brings_pydantic_along_and_no_framework() -> None:
    found = imported_by("from chanspec import BaseMessage, PingMessage, channel, event_handler, ws_handler")
    assert found.isdisjoint(FRAMEWORKS | OTHERS | {"jsonschema_rs", "ruamel"})


def test_a_document_is_made_without_any_framework_or_other_payload_library() -> None:
    found = imported_by(DECLARE + "AsyncAPIGenerator(Consumer).get_yaml()")
    assert found.isdisjoint(FRAMEWORKS | OTHERS)


TYPED = """
from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
class Typed(Consumer):
    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage: ...
"""


def test_the_package_itself_brings_nothing_along() -> None:
    assert imported_by("import chanspec") - _at_start() <= {*sys.stdlib_module_names, "chanspec"}


def test_a_typed_consumer_needs_pydantic_and_nothing_else() -> None:
    pydantic = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
    # Names with an underscore are the interpreter's own: `_sysconfigdata__linux_x86_64-linux-gnu`.
    found = {name for name in imported_by(f"{TYPED}Typed.as_asgi()") - _at_start() if not name.startswith("_")}
    assert found <= {*sys.stdlib_module_names, "chanspec", *pydantic}


def _at_start() -> set[str]:
    """What the interpreter has before it runs anything."""
    return imported_by("")


@pytest.mark.parametrize("blocked", sorted(FRAMEWORKS | OTHERS))
def test_a_document_is_made_where_an_optional_library_is_missing(blocked: str) -> None:
    found = imported_by(f"import sys; sys.modules[{blocked!r}] = None\n{DECLARE}AsyncAPIGenerator(Consumer).get_spec()")
    assert "chanspec" in found
