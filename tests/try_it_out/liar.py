"""A WebSocket server that does what its clients ask for, lying included. It is for tests of the page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.browser import PATIENCE_MS

SUBPROTOCOLS = [Subprotocol("wishes.v2"), Subprotocol("wishes.v1")]


@dataclass
class Liar:
    """The running server.

    Attributes:
        address: Its host and port.
        greeting: Frames that every client is sent at once.
        heard: The frames that clients sent.
        asked: The paths and queries that clients connected to.
        cookies: The `Cookie` headers of their handshakes.
        origins: The `Origin` headers of their handshakes.
    """

    address: str
    greeting: list[str | bytes] = field(default_factory=list)
    heard: list[str | bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def note(self, _: ServerConnection, request: Request) -> None:
        """Called before the handshake is answered: a client that is connected finds itself noted."""
        self.asked.append(request.path)
        self.cookies.append(request.headers.get("Cookie", ""))
        self.origins.append(request.headers.get("Origin", ""))

    def wait_for(self, count: int) -> None:
        """Returns when so many frames were heard; a bound for busy machines, never a measurement."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.heard) >= count, PATIENCE_MS / 1000), self.heard

    def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        for frame in self.greeting:
            socket.send(frame)
        for frame in socket:
            with self.news:
                self.heard.append(frame)
                self.news.notify_all()
            wish = _wish(frame)
            if "close" in wish:
                socket.close(wish["close"], wish.get("reason", ""))
                return
            for index in range(wish.get("burst", 0)):
                socket.send(json.dumps({"type": "tick", "number": index}))
            if wish.get("echo_token"):
                query = parse_qs(urlsplit(socket.request.path).query)
                socket.send(json.dumps({"type": "said", "text": f"your token is {query['token'][0]}"}))
            for each in wish.get("say", []):
                socket.send(each if isinstance(each, str) else json.dumps(each))


def _choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """The newest of the subprotocols that it speaks; it demands none."""
    return next((each for each in SUBPROTOCOLS if each in offered), None)


def _wish(frame: str | bytes) -> dict[str, Any]:
    try:
        wish = json.loads(frame)
    except ValueError:
        return {}
    return wish if isinstance(wish, dict) else {}


@contextmanager
def running_liar() -> Iterator[Liar]:
    liar = Liar("")
    with serve(
        liar.handle, "127.0.0.1", 0, max_size=None, select_subprotocol=_choose, process_request=liar.note
    ) as server:
        liar.address = f"127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield liar
        server.shutdown()
        thread.join()


def document(address: str) -> dict[str, Any]:
    """What the liar says that it does."""
    security = [{"$ref": "#/components/securitySchemes/token"}, {"$ref": "#/components/securitySchemes/session"}]
    tick = {
        "type": "object",
        "required": ["type", "number"],
        "properties": {"type": {"const": "tick"}, "number": {"type": "integer", "minimum": 0}},
    }
    said = {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"const": "said"}, "text": {"type": "string"}},
    }
    wish = {
        "type": "object",
        "title": "Wish",
        "required": ["action"],
        "properties": {
            "action": {"const": "wish"},
            "burst": {"type": "integer", "minimum": 0},
            "echo_token": {"type": "boolean"},
            "close": {"type": "integer"},
            "reason": {"type": "string"},
            "say": {"type": "array", "items": {}},
            "mood": {"enum": ["good", "bad"]},
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
            "place": {
                "type": "object",
                "title": "Place",
                "required": ["lat"],
                "properties": {"lat": {"type": "number", "maximum": 90}, "name": {"type": ["string", "null"]}},
            },
            "stops": {"type": "array", "items": {"$ref": "#/components/schemas/Stop"}},
            "pay": {"oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Cash"}]},
        },
    }
    sign_in = {
        "type": "object",
        "required": ["action", "secret"],
        "properties": {"action": {"const": "authenticate"}, "secret": {"type": "string"}},
    }
    card = {"type": "object", "title": "Card", "required": ["number"], "properties": {"number": {"type": "string"}}}
    cash = {"type": "object", "title": "Cash", "required": ["coins"], "properties": {"coins": {"type": "integer"}}}
    stop = {
        "type": "object",
        "title": "Stop",
        "required": ["street"],
        "properties": {"street": {"type": "string"}, "then": {"$ref": "#/components/schemas/Stop"}},
    }
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in ("Wish", "SignIn", "Tick", "Said")}
    channel = {"$ref": "#/channels/wishes"}
    return {
        "asyncapi": "3.0.0",
        "x-perspective": "server",
        "info": {"title": "Wishes", "version": "1.0.0"},
        "servers": {"here": {"host": address, "protocol": "ws", "security": security}},
        "channels": {
            "wishes": {
                "address": "/rooms/{room}",
                "parameters": {"room": {"description": "Which room."}},
                "bindings": {"ws": {"query": {"type": "object", "properties": {"verbose": {"enum": ["yes", "no"]}}}}},
                "messages": references,
            }
        },
        "operations": {
            "wish": {
                "action": "receive",
                "channel": channel,
                "summary": "Ask for something",
                "messages": [{"$ref": "#/channels/wishes/messages/Wish"}],
                "reply": {"channel": channel, "messages": [{"$ref": "#/channels/wishes/messages/Said"}]},
            },
            "authenticate": {
                "action": "receive",
                "channel": channel,
                "messages": [{"$ref": "#/channels/wishes/messages/SignIn"}],
            },
            "tick": {"action": "send", "channel": channel, "messages": [{"$ref": "#/channels/wishes/messages/Tick"}]},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "httpApiKey", "name": "token", "in": "query"},
                "session": {"type": "httpApiKey", "name": "session", "in": "cookie"},
            },
            "messages": {
                "Wish": {"title": "wish", "payload": wish},
                "SignIn": {"title": "authenticate", "payload": sign_in},
                "Tick": {"title": "tick", "payload": tick},
                "Said": {"title": "said", "payload": said},
            },
            "schemas": {"Stop": stop, "Card": card, "Cash": cash},
        },
    }
