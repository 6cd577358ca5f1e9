"""The dispatch example, served by its own `demo` command on a free port, and clients that check what they hear.

Every frame a client receives is validated against the AsyncAPI document that the example serves.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

EXAMPLE = Path(__file__).parents[2] / "examples" / "dispatch"
START_SECONDS = 60
REPLY_SECONDS = 30
# What Django logs of requests that tests get refused on purpose.
_EXPECTED = ("Not Found: /no-such-page/", "Not Found: /rides/", "Method Not Allowed (GET): /rides/")


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without the tests' own Django settings."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {**kept, "PYTHONWARNINGS": "error::ResourceWarning", **variables}


@dataclass
class Page:
    """An HTTP answer."""

    status: int
    headers: Message
    text: str
    url: str


class Browser:
    """Keeps cookies and posts forms, as a browser would; without a proxy."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, path: str, **headers: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base + "/", path), headers=headers))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Post a form, with the CSRF token that the page before left in a cookie."""
        token = next((each.value for each in self.cookies if each.name == "csrftoken"), "") or ""
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        return self._open(urllib.request.Request(self.base + path, body, headers=headers))

    def log_in(self, username: str) -> None:
        self.get("/login/")
        page = self.post("/login/", {"username": username, "password": "dispatch-demo"})
        assert f"Log out {username}" in page.text

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{each.name}={each.value}" for each in self.cookies)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=REPLY_SECONDS) as answer:
                return Page(answer.status, answer.headers, answer.read().decode(), answer.url)
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.headers, error.read().decode(), request.full_url)


@dataclass
class Demo:
    """The running example and what it printed."""

    url: str
    token: str
    printed: str

    def browser(self, username: str | None = None) -> Browser:
        browser = Browser(self.url)
        if username:
            browser.log_in(username)
        return browser

    def token_of(self, username: str) -> str:
        page = self.browser(username)
        page.get("/")
        return json.loads(page.post("/token/", {}, Accept="application/json").text)["token"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Demo]:
    """The example, as `make demo` runs it; it must end cleanly on Ctrl-C and must have complained of nothing.

    A test can give it environment variables, as an indirect parameter.
    """
    folder = tmp_path_factory.mktemp("demo")
    errors = folder / "stderr"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=EXAMPLE,
            env=environment(PORT="0", DISPATCH_DATABASE=str(folder / "demo.sqlite3"), **getattr(request, "param", {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        printed = _printed_until("Ctrl-C", process, errors)
        url = re.search(r"http://127\.0\.0\.1:\d+", printed)
        token = re.search(r"[\w-]+\.[\w-]+\.[\w-]+$", printed, re.MULTILINE)
        assert url is not None
        assert token is not None
        yield Demo(url[0], token[0], printed)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        complaints = [line for line in errors.read_text().splitlines() if not line.startswith(_EXPECTED)]
        assert complaints == []
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _printed_until(word: str, process: subprocess.Popen[str], errors: Path) -> str:
    """What a process prints up to the line with a word; fails with its error output when it ends or hangs."""
    lines: queue.Queue[str | None] = queue.Queue()
    assert process.stdout is not None
    stdout = process.stdout

    def read() -> None:
        with stdout:
            for line in stdout:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    printed = ""
    while word not in printed:
        line = lines.get(timeout=START_SECONDS)
        assert line is not None, errors.read_text()
        printed += line
    return printed


@pytest.fixture(scope="module")
def document(demo: Demo) -> dict[str, Any]:
    """The AsyncAPI document of all consumers, as served."""
    return json.loads(demo.browser().get("/ws-docs/asyncapi.yaml?format=json").text)


@dataclass
class Contract:
    """The messages of one channel of the document, each with its validator, by the value of a discriminator."""

    actions: dict[str, jsonschema_rs.Validator] = field(default_factory=dict)
    events: dict[str, jsonschema_rs.Validator] = field(default_factory=dict)

    @classmethod
    def of(cls, document: dict[str, Any], channel: str) -> Contract:
        contract = cls()
        for operation in document["operations"].values():
            if operation["channel"]["$ref"] != f"#/channels/{channel}":
                continue
            is_received = operation["action"] == "receive"
            contract._add(document, contract.actions if is_received else contract.events, operation["messages"])
            contract._add(document, contract.events, operation.get("reply", {}).get("messages", []))
        return contract

    @staticmethod
    def _add(
        document: dict[str, Any], known: dict[str, jsonschema_rs.Validator], references: list[dict[str, str]]
    ) -> None:
        for reference in references:
            name = reference["$ref"].rpartition("/")[2]
            properties = document["components"]["messages"][name]["payload"]["properties"]
            schema = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "allOf": [{"$ref": f"#/components/messages/{name}/payload"}],
                "components": document["components"],
            }
            value = properties.get("type", properties.get("action"))["const"]
            known[value] = jsonschema_rs.validator_for(schema, validate_formats=True)


class Client:
    """One connection; it fails on a frame that the document does not describe."""

    def __init__(self, socket: ClientConnection, contract: Contract, seen: set[str]) -> None:
        self.socket = socket
        self.contract = contract
        self.seen = seen

    async def send(self, action: str, **fields: Any) -> None:
        """Send an action that keeps the contract."""
        message = {"action": action, **fields}
        self.contract.actions[action].validate(message)
        await self.socket.send(json.dumps(message))

    async def send_together(self, *actions: str) -> None:
        """Send actions at once, so that the server has the last as soon as the first, however slow we are."""
        frames = b""
        for action in actions:
            self.contract.actions[action].validate({"action": action})
            frames += Frame(Opcode.TEXT, json.dumps({"action": action}).encode()).serialize(mask=True)
        self.socket.transport.write(frames)

    async def raw(self, frame: str | bytes) -> None:
        await self.socket.send(frame)

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The type of the next frame, and the frame, which must be a documented event."""
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), REPLY_SECONDS))
        event_type = frame.get("type", frame.get("action"))
        assert event_type in self.contract.events, frame
        self.contract.events[event_type].validate(frame)
        self.seen.add(event_type)
        return event_type, frame

    async def hear(self, event_type: str) -> dict[str, Any]:
        """The next frame, which must be a documented event of this type."""
        heard, frame = await self.next()
        assert heard == event_type, frame
        return frame

    async def is_answered(self) -> None:
        """Everything sent before has been handled, and has caused no other frame."""
        await self.send("ping")
        await self.hear("pong")


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """The event types heard so far, by channel."""
    return {"dispatch": set(), "notifications": set()}


@pytest.fixture
def connected(demo: Demo, document: dict[str, Any], seen: dict[str, set[str]]) -> Connect:
    """`connected(channel, cookie=…, token=…, origin=…, ride_id=…)`: a client of a channel of the document."""

    @asynccontextmanager
    async def open_client(
        channel: str, *, cookie: str = "", token: str | None = None, origin: str | None = demo.url, **parameters: str
    ) -> AsyncIterator[Client]:
        address = document["channels"][channel]["address"].format(**parameters)
        url = demo.url.replace("http", "ws", 1) + address
        if token is not None:
            url += "?" + urllib.parse.urlencode({"token": token})
        headers = {"Cookie": cookie} if cookie else {}
        async with connect(url, origin=origin, additional_headers=headers, proxy=None) as socket:
            yield Client(socket, Contract.of(document, channel), seen.setdefault(channel, set()))

    return open_client
