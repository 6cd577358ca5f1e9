"""Messages of everybody on every kind of channel layer: an application's arrive once and equal, ours harm nobody.

A group has members that only record, and a real consumer on a connection. After each message a broadcast, an event to
one connection and a ping show that all of them still work.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
from collections.abc import Iterator
from random import Random
from typing import Any, Literal

from channels.layers import InMemoryChannelLayer as ChannelsMemoryLayer

from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.envelopes import BEAT, BROADCAST, EVENT, MARKS
from chanspec.runtime.hub import Hub, hub_for
from chanspec.runtime.memory import InMemoryChannelLayer
from fuzzing.frames import Caught, Line, Wrong
from fuzzing.mutators import mangled
from fuzzing.session import Case, Session, place_of
from fuzzing.targets import Target
from tests.hub.conftest import REDIS, OnlyTheSpecification, joined
from tests.hub.members import Recorder
from tests.redis import running_redis

ABOUT = "messages, ours and others', on every channel layer"
SHARE = 0.15

IN_PROCESS: dict[str, Any] = {
    "memory": InMemoryChannelLayer,
    "channels": ChannelsMemoryLayer,
    "any": OnlyTheSpecification,
}
IN_A_ROW = 50
PATIENCE = 20.0
OUR_KEYS = (
    MARKS,
    "group",
    "number",
    "sender",
    "exclude",
    "once",
    "token",
    "groups",
    "text",
    "event",
    "handler",
    "action",
    "id",
)
WORDS = (
    "room",
    "lobby",
    "x",
    "",
    "chat.message",
    "chanspec.broadcast",
    "chanspec.event",
    "websocket.send",
    "é😀",
    "\u2028",
)
TYPES = ("chat.message", "fuzz", "chanspecial", "chanspec", "websocket.foreign", "", "é")
"""What foreign messages call themselves. Not ``chanspec.…``, which is ours."""


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: str


class Notify(BaseChannelEvent):
    handler: Literal["notify"] = "notify"
    payload: str


def consumer_on(layer: Any) -> type:
    """A consumer in the group, on a layer of its own."""

    class Listener(Consumer[Any]):
        groups = ["room"]
        log_websocket_message = False

        @classmethod
        def get_channel_layer(cls) -> Any:
            return layer

        @ws_handler(output_type=Said)
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

        @event_handler
        async def notify(self, event: Notify) -> Said:
            return Said(payload=event.payload)

        async def chat_message(self, message: dict[str, Any]) -> None:
            """Takes the application's own, as in Channels."""

    return Listener


class Stage:
    """One layer, and who is in the group.

    Args:
        kind: Of the layer.
        layer: The layer.
        caught: What is logged.
    """

    def __init__(self, kind: str, layer: Any, caught: Caught) -> None:
        self.kind, self.layer, self.caught = kind, layer, caught
        consumer: Any = consumer_on(layer)
        self.line = Line(Target("listener", consumer, consumer.as_asgi(), {"ping": ["pong"]}), caught)
        self.number = 0

    async def set(self) -> Stage:
        self.hub: Hub = hub_for(self.layer)
        self.members: list[Recorder] = [await joined(self.hub, "room", "lobby"), await joined(self.hub, "room")]
        await self.line.open()
        return self

    async def clear(self) -> None:
        self.line.transport.leave(1001)
        await self.line.transport.ended(PATIENCE)
        for member in self.members:
            await self.hub.unregister(member)

    async def try_(self, case: Case) -> None:
        """Send one message as a case says, and see that everybody is well.

        Raises:
            Wrong: Somebody is not.
        """
        for member in self.members:
            member.received.clear()
            member.texts.clear()
        message, way, is_ours = case["message"], case["way"], case["ours"]
        names = [member.channel_name for member in self.members]
        try:
            for channel in names if way == "send" else ():
                await self.layer.send(channel, dict(message))
            if way == "group_send":
                await self.layer.group_send("room", dict(message))
        except Exception as error:
            if not is_ours:
                raise Wrong(f"send {place_of(error)}", f"the message cannot be sent: {error!r:.200}") from error
        await self._still_works(names)
        if is_ours:
            for member in self.members:
                if not all(isinstance(each, dict) for each in member.received):
                    raise Wrong("event that is none", "a malformed envelope gave a member an event that is no dict")
                for text in member.texts:
                    _encoded(text)
            return
        for member in self.members:
            got = [each for each in member.received if each.get("type") != "fuzz.mark"]
            if got != [message]:
                raise Wrong(
                    f"foreign {len(got)} {way}",
                    f"sent by {way}, a message arrived {len(got)} times, or changed: {got!r:.300}",
                )

    async def _still_works(self, names: list[str]) -> None:
        """A broadcast, an event to each, and a ping: all of them arrive, each once and in order."""
        self.number += 1
        mark = f"mark {self.number}"
        for channel in names:
            await self.layer.send(channel, {"type": "fuzz.mark", "mark": mark})
        await self.hub.broadcast(["room"], Said(payload=mark).model_dump_json())
        await self.hub.send_event(self.line.watch.connection.channel_name, {"handler": "notify", "payload": mark})
        for member in self.members:
            await self._until(
                lambda each=member: any(mark in text for text in each.texts if isinstance(text, str)), "a broadcast"
            )
            await self._until(
                lambda each=member: {"type": "fuzz.mark", "mark": mark} in each.received, "a message to a member"
            )
        own: list[str] = []
        transport = self.line.transport
        transport.put({"type": "websocket.receive", "text": self.line.target.ping})

        def heard() -> bool:
            texts = [frame.get("text") or "" for frame in transport.frames]
            return sum(mark in text for text in texts) >= 2 and any('"pong"' in text for text in texts)

        await self._until(lambda: heard() or transport.has_ended, "a consumer's broadcast, event or ping")
        transport.frames, frames = type(transport.frames)(), list(transport.frames)
        for frame in frames:
            if frame["type"] == "websocket.close":
                raise Wrong(f"closed {frame.get('code')}", f"a connection was closed with {frame.get('code')}")
            own.append(frame.get("text") or "")
        for text in own:
            _encoded(text)
        self._heard_nothing()

    def _heard_nothing(self) -> None:
        for wrong in self.caught.take():
            if not wrong.key.startswith("logged ValidationError"):  # of an event that its handler's class does not take
                raise wrong

    async def _until(self, reached: Any, what: str) -> None:
        loop = asyncio.get_running_loop()
        end, turns = loop.time() + PATIENCE, 0
        while not reached():
            turns += 1
            await asyncio.sleep(0 if turns < 100 else 0.001)
            self._heard_nothing()
            if loop.time() > end:
                raise Wrong(f"lost {what}", f"{what} does not arrive any more")


def _encoded(text: Any) -> None:
    try:
        text.encode()
    except (UnicodeEncodeError, AttributeError) as error:
        raise Wrong("no text", f"a client is sent what no server can send: {error!r:.100}") from None


def made(random: Random) -> Case:
    """A message, and how it is sent."""
    way = random.choice(("send", "group_send"))
    if random.random() < 0.6:
        message = {key: _value(random) for key in random.sample(OUR_KEYS, random.randrange(5))}
        message.update({random.choice(WORDS) or "k": _value(random) for _ in range(random.randrange(3))})
        return {"message": {**message, "type": random.choice(TYPES)}, "way": way, "ours": False}
    ours = random.choice(
        (
            {"type": BROADCAST, "text": '{"action": "said", "payload": "x"}', MARKS: {"exclude": "x", "group": "room"}},
            {"type": EVENT, "event": {"handler": "notify", "payload": "x"}, MARKS: {"sender": "x", "number": 1}},
            {"type": BEAT, "group": "room"},
        )
    )
    base = {**ours, **{key: _value(random) for key in random.sample(OUR_KEYS, random.randrange(4))}}
    changed, _ = mangled(random, base)
    message = changed if isinstance(changed, dict) else {"text": changed, "event": changed}
    return {"message": {**message, "type": random.choice((BROADCAST, EVENT, BEAT))}, "way": way, "ours": True}


def _value(random: Random, depth: int = 0) -> Any:
    """What JSON has and every layer can carry."""
    match random.randrange(8 if depth < 3 else 6):
        case 0:
            return random.choice((None, True, False))
        case 1:
            return random.choice((0, 1, -1, 7, 2**31, 2**53, -(2**63), 2**63 - 1))
        case 2:
            return random.choice((0.5, -1e308, math.pi))
        case 3 | 4 | 5:
            return random.choice(WORDS)
        case 6:
            return [_value(random, depth + 1) for _ in range(random.randrange(4))]
        case _:
            return {random.choice(WORDS): _value(random, depth + 1) for _ in range(random.randrange(4))}


def fuzz(session: Session) -> None:
    """Send messages until the session is over."""
    with _redis(session.redis and shutil.which("redis-server") is not None) as url:
        asyncio.run(_fuzz(session, url))


async def _fuzz(session: Session, url: str | None) -> None:
    caught, stages = Caught(), dict[str, Stage]()
    kinds = [*IN_PROCESS, *(REDIS if url else ())]
    with caught.listening():
        for random in session.cases():
            kind = kinds[session.done // IN_A_ROW % len(kinds)]
            stage = stages.get(kind) or await Stage(kind, _layer(kind, url), caught).set()
            stages[kind] = stage
            case = {"layer": kind, **made(random)}
            try:
                await stage.try_(case)
            except Wrong as wrong:
                with contextlib.suppress(Exception):
                    await stages.pop(kind).clear()
                if session.is_new(wrong.key):
                    case = await _smaller(case, wrong.key, url, caught)
                    session.failed(wrong.key, f"{kind}: {wrong.what}", case)
                caught.take()
        for stage in stages.values():
            await stage.clear()
    session.figures["layers"] = ", ".join(kinds)


async def _smaller(case: Case, key: str, url: str | None, caught: Caught) -> Case:
    """The same with as few fields as show it."""
    for name in list(case["message"]):
        fewer = {**case, "message": {each: value for each, value in case["message"].items() if each != name}}
        if name != "type" and (found := await _attempt(fewer, url, caught)) is not None and found.key == key:
            case = fewer
    return case


async def _attempt(case: Case, url: str | None, caught: Caught) -> Wrong | None:
    stage = await Stage(case["layer"], _layer(case["layer"], url), caught).set()
    try:
        await stage.try_(case)
    except Wrong as wrong:
        return wrong
    finally:
        with contextlib.suppress(Exception):
            await stage.clear()
        caught.take()
    return None


def _layer(kind: str, url: str | None) -> Any:
    return REDIS[kind](hosts=[url], capacity=10_000) if kind in REDIS else IN_PROCESS[kind]()


@contextlib.contextmanager
def _redis(wanted: bool) -> Iterator[str | None]:
    if not wanted:
        yield None
        return
    with running_redis() as server:
        yield server.url


def replay(case: Case) -> str | None:
    """Send the message of a case once more."""

    async def again(url: str | None) -> Wrong | None:
        caught = Caught()
        with caught.listening():
            return await _attempt(case, url, caught)

    with _redis(case["layer"] in REDIS) as url:
        wrong = asyncio.run(again(url))
    return None if wrong is None else wrong.what
