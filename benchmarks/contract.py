"""What ``ContractMiddleware`` costs: a typed message answered with and without it, and each kind of frame on its own.

Both sides use the same consumer and take turns, in process. The target is that checking a frame costs at most three
times what the typed path itself takes for a message that is answered. Nothing is asserted here.

Run it with ``python -m benchmarks.contract [--turns N] [--messages N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from benchmarks.figures import figure, ratio, readable
from chanspec import document_action, document_event
from chanspec.decorators import ws_handler
from chanspec.enforcement import ContractMiddleware, FrameChecker, checker_of
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer

App = Callable[[Any, Any, Any], Awaitable[None]]

LIMIT = 3.0
WORDS = {"text": "The quick brown fox jumps over the lazy dog", "room": 42}


class Text(BaseModel):
    text: str
    room: int


@dataclass
class Line:
    text: str
    room: int


SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 1000}, "room": {"type": "integer", "minimum": 0}},
    "required": ["text", "room"],
}


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Text


class Typed(Consumer[Any]):
    log_websocket_message = False

    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=Text(text=message.payload.text, room=message.payload.room))

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class Annotated:
    """Its methods are never called: only the frames are checked."""

    @document_action(payload=Line)
    async def handle_line(self, content: Any) -> None: ...

    @document_action(payload=SCHEMA)
    async def handle_schema(self, content: Any) -> None: ...

    @document_event("line", payload=Line)
    async def line(self, event: Any) -> None: ...

    @document_event("schema", payload=SCHEMA)
    async def schema(self, event: Any) -> None: ...


async def answered(app: App, messages: int) -> float:
    """Return microseconds a message that is answered."""
    frames = iter([{"type": "websocket.connect"}])
    frame = {"type": "websocket.receive", "text": json.dumps({"action": "say", "payload": WORDS})}
    left, sent, started = messages, 0, 0.0

    async def receive() -> dict[str, Any]:
        nonlocal left, started
        for first in frames:
            return first
        if left == messages:
            started = time.perf_counter()
        if not left:
            return {"type": "websocket.disconnect", "code": 1000}
        left -= 1
        return frame

    async def send(message: Any) -> None:
        nonlocal sent
        sent += 1

    await app({"type": "websocket", "path": "/", "headers": []}, receive, send)
    taken = time.perf_counter() - started
    assert sent == messages + 1, f"{sent} frames sent for {messages} messages"
    return taken / messages * 1e6


def checked(check: Callable[[str], object], text: str, frames: int) -> float:
    """Return microseconds for checking a frame that keeps the contract."""
    assert check(text) is None
    started = time.perf_counter()
    for _ in range(frames):
        check(text)
    return (time.perf_counter() - started) / frames * 1e6


def frames_of(typed: FrameChecker, annotated: FrameChecker) -> dict[str, tuple[Callable[[str], object], str]]:
    """Each kind of frame, with what checks it."""
    return {
        "typed, out": (typed.outbound, json.dumps({"action": "said", "payload": WORDS})),
        "dataclass, in": (annotated.inbound, json.dumps({"action": "line", **WORDS})),
        "schema, in": (annotated.inbound, json.dumps({"action": "schema", **WORDS})),
        "dataclass, out": (annotated.outbound, json.dumps({"type": "line", **WORDS})),
        "schema, out": (annotated.outbound, json.dumps({"type": "schema", **WORDS})),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--messages", type=int, default=20_000)
    options = parser.parse_args()
    logging.disable(logging.WARNING)

    bare = Typed.as_asgi()
    apps: dict[str, App] = {"typed": bare, "with the middleware": ContractMiddleware(bare, mode="warn")}
    kinds = frames_of(checker_of(Typed), checker_of(Annotated))
    found: dict[str, list[float]] = {name: [] for name in (*apps, *kinds)}
    for _ in range(options.turns):
        for name, app in apps.items():
            found[name].append(asyncio.run(answered(app, options.messages)))
        for name, (check, text) in kinds.items():
            found[name].append(checked(check, text, options.messages))

    print("\nA message that is answered, two frames; below it each kind of frame, checked")
    for name, figures in found.items():
        told, to_typed = figure(figures), ratio(figures, found["typed"])
        assert to_typed is not None
        spread = f"({readable(told.low)} to {readable(told.high)})"
        print(f"  {name:20} {readable(told.median):>6} µs {spread:18} {readable(to_typed.median):>6} x typed")
    per_frame = ratio(
        [(checks - plain) / 2 for checks, plain in zip(found["with the middleware"], found["typed"], strict=True)],
        found["typed"],
    )
    assert per_frame is not None
    is_met = per_frame.median <= LIMIT
    print(f"\nA frame through the middleware costs {readable(per_frame.median)} x the typed path more,", end=" ")
    print(f"{'within' if is_met else 'beyond'} the limit of {LIMIT:g} x.")


if __name__ == "__main__":
    main()
