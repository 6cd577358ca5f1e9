"""What reads documents, each in a process of its own with bounded processor time and memory.

``python -m fuzzing.reading`` imports everything once. It takes a request for each line, forks, and answers with a line.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

import fuzzing.targets  # noqa: F401 - sets Django up
from chanspec.asyncapi.generator import AsyncAPIGenerator
from chanspec.asyncapi.source import SourceError
from chanspec.asyncapi.template import render
from chanspec.asyncapi.text import to_yaml
from chanspec.cli.documents import DocumentUnreadableError, from_file
from chanspec.conformance import check
from chanspec.conformance.document import DocumentError
from chanspec.conformance.transport import TargetError
from chanspec.decorators import document_action
from fuzzing.session import place_of

CPU_SECONDS = 20  # of a processor; no time of a clock, which a busy machine stretches
MEMORY = 2 * 2**30
MAX_OUTPUT = 4 * 2**20
CONFORM_SECONDS = 3.0


def template(text: str) -> str:
    try:
        filled = render(text, host="localhost:8000", protocol="ws")
    except (SourceError, ValueError) as error:
        return str(error)
    return "\n".join(map(str, filled.problems))


def conform(text: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8", errors="replace") as file:
        file.write(text)
        file.flush()
        try:
            document = from_file(file.name)
            return str(
                check(_silent, document=document, max_examples=10, max_seconds=CONFORM_SECONDS, reply_seconds=0.05)
            )
        except (DocumentUnreadableError, DocumentError, TargetError) as error:
            return str(error)


async def _silent(scope: Any, receive: Any, send: Any) -> None:
    """An application that takes everything and says nothing."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass


def generator(text: str) -> str:
    """Declare the document's own payloads, and make a document of that."""
    try:
        document = json.loads(text)
        payloads = [
            message["payload"] for each in document["channels"].values() for message in each["messages"].values()
        ]
        schemas = document.get("components", {}).get("schemas", {})
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""  # no document to take payloads from

    def hidden(schema: Any) -> Any:
        return json.loads(json.dumps(schema).replace("#/components/schemas/", "#/$defs/"))

    async def handle(self: Any, payload: Any) -> None: ...

    for payload in payloads[:20]:
        if not isinstance(payload, dict):
            continue
        try:
            method = document_action(action="ask", payload={**hidden(payload), "$defs": hidden(schemas)})(handle)
            consumer = type("Hostile", (AsyncJsonWebsocketConsumer,), {"handle_ask": method})
            to_yaml(AsyncAPIGenerator(consumers=[(consumer, "/")]).get_spec())
        except (TypeError, ValueError) as error:
            return str(error)
    return ""


READERS: dict[str, Callable[[str], str]] = {"template": template, "conform": conform, "generator": generator}
"""Each takes a document's text and returns what it would show to a person."""


class Child:
    """The process that forks, started when it is first wanted."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def read(self, reader: str, text: str) -> dict[str, Any]:
        """Have a reader read a document.

        Returns:
            ``shown``, or ``raised`` (what) with ``text``, or ``killed`` (by which signal).
        """
        if self._process is None:
            command = [sys.executable, "-m", "fuzzing.reading"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([reader, text]), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None


def main() -> None:
    """Serve requests until standard input ends."""
    for line in sys.stdin:
        reader, text = json.loads(line)
        here, there = os.pipe()
        if (child := os.fork()) == 0:
            _read(reader, text, there)
        os.close(there)
        with os.fdopen(here, encoding="utf-8") as answers:
            answer = answers.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            answer = json.dumps({"killed": signal.Signals(os.WTERMSIG(status)).name})
        print(answer, flush=True)


def _read(reader: str, text: str, there: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    try:
        answer = {"shown": READERS[reader](text)[: MAX_OUTPUT + 1]}
    except BaseException as error:
        answer = {"raised": place_of(error), "text": f"{error!r:.300}"}
    with os.fdopen(there, "w", encoding="utf-8") as answers:
        answers.write(json.dumps(answer))
    os._exit(0)


if __name__ == "__main__":
    main()
