"""Every hook works as on Channels: one small body on Channels' base and on ours, one script, the same frames.

The table is the proof. What differs has a table of its own, and is on the page ``reference/consumers.md``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from channels.auth import AuthMiddlewareStack, login, logout
from channels.exceptions import AcceptConnection, DenyConnection, InvalidChannelLayerError, StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from channels.layers import get_channel_layer
from django.contrib.auth import get_user_model
from django.test import override_settings

from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as OurConsumer
from chanspec.runtime.authenticator import BaseAuthenticator

SECONDS = 20
BASES = {"channels": ChannelsConsumer, "ours": OurConsumer}


class Server:
    """An ASGI server for one connection: what follows a close frame, or the application's end, is as on real ones."""

    def __init__(self, application: Any, scope: dict[str, Any]) -> None:
        self.scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": [], **scope}
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.accepted = self.closed = False
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.ensure_future(self._run(application))

    async def _run(self, application: Any) -> None:
        try:
            await application(self.scope, self.inbox.get, self._send)
        except Exception:
            await self._send({"type": "websocket.close", "code": 1011})
        self.outbox.put_nowait({"type": "end"})

    async def _send(self, frame: dict[str, Any]) -> None:
        if self.closed:
            return
        self.accepted = self.accepted or frame["type"] == "websocket.accept"
        self.outbox.put_nowait(dict(frame))
        if frame["type"] == "websocket.close":
            self.closed = True
            code = frame.get("code", 1000) if self.accepted else 1006
            self.put({"type": "websocket.disconnect", "code": code, "reason": frame.get("reason", "")})

    def put(self, event: dict[str, Any]) -> None:
        self.inbox.put_nowait(event)

    async def frame(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.outbox.get(), SECONDS)

    async def end(self) -> None:
        await asyncio.wait_for(self.task, SECONDS)


@dataclass(frozen=True)
class Step:
    """One line of a script: what it does, or what has to come next."""

    do: Callable[[Server], Any]
    text: str

    def __repr__(self) -> str:
        return self.text


def says(content: Any) -> Step:
    return Step(
        lambda server: server.put({"type": "websocket.receive", "text": json.dumps(content)}), f"says {content}"
    )


def sends(data: bytes) -> Step:
    return Step(lambda server: server.put({"type": "websocket.receive", "bytes": data}), f"sends {data!r}")


def layer(message: dict[str, Any]) -> Step:
    async def send(_: Server) -> None:
        channel_layer: Any = get_channel_layer()
        await channel_layer.group_send("room", message)

    return Step(send, f"layer {message}")


def leaves(code: int = 1001, reason: str = "") -> Step:
    event = {"type": "websocket.disconnect", "code": code, "reason": reason}
    return Step(lambda server: server.put(event), f"leaves {code}")


def gets(content: Any) -> Step:
    async def get(server: Server) -> None:
        frame = await server.frame()
        assert frame["type"] == "websocket.send", frame
        assert (frame["bytes"] if isinstance(content, bytes) else json.loads(frame["text"])) == content

    return Step(get, f"gets {content}")


def is_sent(**frame: Any) -> Step:
    async def get(server: Server) -> None:
        assert await server.frame() == frame

    return Step(get, f"is sent {frame}")


ACCEPTED = is_sent(type="websocket.accept", subprotocol=None)
ENDED = is_sent(type="end")
FAILED = is_sent(type="websocket.close", code=1011)


@dataclass(frozen=True)
class Row:
    """A body, what is done to it, and what it notes in ``seen``."""

    covers: str
    body: Callable[[Any, list[Any]], Any]
    script: tuple[Step, ...]
    seen: tuple[Any, ...] = ()
    scope: Any = None

    def __repr__(self) -> str:
        return self.body.__name__.lstrip("_")


ROWS: list[Row] = []
DIFFERENT: list[tuple[str, Row]] = []


def row(covers: str, *script: Step, seen: tuple[Any, ...] = (), **scope: Any) -> Callable[[Any], Row]:
    """Add a body to the table: it does on both bases what the script says."""

    def add(body: Any) -> Row:
        ROWS.append(Row(covers, body, script, seen, scope))
        return ROWS[-1]

    return add


def different(
    covers: str, channels: tuple[Step, ...], ours: tuple[Step, ...], seen: Any = (), seen_ours: Any = ()
) -> Any:
    """Add a body to the table of what differs: it does on each base what that one's script says."""

    def add(body: Any) -> None:
        DIFFERENT.append(("channels", Row(covers, body, channels, seen)))
        DIFFERENT.append(("ours", Row(covers, body, ours, seen_ours)))

    return add


async def run(base: str, row: Row) -> None:
    seen: list[Any] = []
    server = Server(row.body(BASES[base], seen).as_asgi(), row.scope or {})
    for step in row.script:
        done = step.do(server)
        if done is not None:
            await done
    if not server.task.done() and ENDED not in row.script:
        leaves().do(server)
    await server.end()
    assert seen == list(row.seen)


# ---- the table -----------------------------------------------------------------------------------------


@row("receive_json send_json", ACCEPTED, says({"n": 1}), gets({"got": {"n": 1}}))
def receive_json_is_given_what_the_frame_says(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json({"got": content})

    return Body


@row("receive", ACCEPTED, says([1]), gets([1]), sends(b"x"), gets(b"x"))
def receive_is_given_text_and_bytes(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive(self, text_data: Any = None, bytes_data: Any = None) -> None:
            await self.send(text_data, bytes_data)

    return Body


@row("receive receive_json", ACCEPTED, says({}), gets({"lang": "en"}))
def receive_hands_on_arguments_to_receive_json(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive(self, text_data: Any = None, bytes_data: Any = None, **kwargs: Any) -> None:
            await super().receive(text_data, bytes_data, lang="en")

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(kwargs)

    return Body


@row("websocket_receive", ACCEPTED, says({"n": 1}), gets(["websocket.receive", {"n": 1}]))
def websocket_receive_is_given_the_event(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def websocket_receive(self, message: Any) -> None:
            await self.send_json([message["type"], json.loads(message["text"])])

    return Body


@row("decode_json encode_json", ACCEPTED, says("x"), gets({"encoded": {"decoded": '"x"'}}))
def decode_json_and_encode_json_are_class_methods_that_are_awaited(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        @classmethod
        async def decode_json(cls, text_data: str) -> Any:
            return {"decoded": text_data}

        @classmethod
        async def encode_json(cls, content: Any) -> str:
            return json.dumps({"encoded": content})

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)

    return Body


@row("connect accept", is_sent(type="websocket.accept", subprotocol="v2", headers=[(b"a", b"b")]), gets("hello"))
def connect_accepts_with_a_subprotocol_and_headers_and_says_hello(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.accept("v2", headers=[(b"a", b"b")])
            await self.send_json("hello")

    return Body


@row("connect close", is_sent(type="websocket.close"), ENDED)
def connect_refuses(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.close()

    return Body


@row("connect close", ACCEPTED, is_sent(type="websocket.close", code=4001, reason="bye"), ENDED, seen=(4001,))
def connect_accepts_and_closes_so_that_the_client_sees_the_code(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.accept()
            await self.close(4001, "bye")

        async def disconnect(self, code: int) -> None:
            seen.append(code)

    return Body


@row("AcceptConnection", ACCEPTED)
def connect_raises_accept_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            raise AcceptConnection

    return Body


@row("DenyConnection", is_sent(type="websocket.close"), ENDED)
def connect_raises_deny_connection(base: Any, seen: list[Any]) -> Any:
    class Denied(DenyConnection):
        pass

    class Body(base):
        async def connect(self) -> None:
            raise Denied("not you")

    return Body


@row("DenyConnection accept close", is_sent(type="websocket.close", code=4003), ENDED)
def an_override_of_close_is_what_deny_connection_calls(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            raise DenyConnection

        async def close(self, code: Any = None, reason: Any = None) -> None:
            await super().close(4003)

    return Body


@row("DenyConnection websocket_connect", FAILED, ENDED)
def websocket_connect_itself_may_not_raise_deny_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def websocket_connect(self, message: Any) -> None:
            raise DenyConnection

    return Body


@row("websocket_connect", ACCEPTED, layer({"type": "say"}), gets("said"), seen=(True, "websocket.connect"))
def websocket_connect_without_super_has_the_layer_and_a_channel_name(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["not joined"]

        async def websocket_connect(self, message: Any) -> None:
            await self.channel_layer.group_add("room", self.channel_name)
            seen.extend([bool(self.channel_name), message["type"]])
            await self.accept()

        async def say(self, event: Any) -> None:
            await self.send_json("said")

        async def websocket_disconnect(self, message: Any) -> None:
            await self.channel_layer.group_discard("room", self.channel_name)
            raise StopConsumer

    return Body


@row("websocket_connect connect", ACCEPTED, gets("after"), seen=("before", "connect", "after"))
def websocket_connect_with_super_calls_connect(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def websocket_connect(self, message: Any) -> None:
            seen.append("before")
            await super().websocket_connect(message)
            seen.append("after")
            await self.send_json("after")

        async def connect(self) -> None:
            seen.append("connect")
            await super().connect()

    return Body


@row("websocket_disconnect disconnect", ACCEPTED, leaves(4321, "bye"), ENDED, seen=(4321, "bye", "stopped"))
def websocket_disconnect_has_code_and_reason_and_ends_with_stop_consumer(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def websocket_disconnect(self, message: Any) -> None:
            try:
                await super().websocket_disconnect(message)
            except StopConsumer:
                seen.extend([message["reason"], "stopped"])
                raise

        async def disconnect(self, code: int) -> None:
            seen.append(code)

    return Body


@row("websocket_disconnect StopConsumer", ACCEPTED, leaves(), ENDED, seen=("left",))
def websocket_disconnect_without_super_raises_stop_consumer(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def websocket_disconnect(self, message: Any) -> None:
            seen.append("left")
            raise StopConsumer()

    return Body


@row("disconnect StopConsumer", ACCEPTED, leaves(1001), ENDED, seen=(1001,))
def disconnect_may_raise_stop_consumer(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def disconnect(self, code: int) -> None:
            seen.append(code)
            raise StopConsumer

    return Body


@row(
    "StopConsumer close",
    ACCEPTED,
    says("bye"),
    is_sent(type="websocket.close", code=4000),
    ENDED,
)
def a_hook_that_closes_and_raises_stop_consumer_ends_without_disconnect(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.close(4000)
            raise StopConsumer

        async def disconnect(self, code: int) -> None:
            seen.append("never")

    return Body


@row("StopConsumer", ACCEPTED, layer({"type": "kick"}), is_sent(type="websocket.close", code=4000), ENDED)
def a_layer_message_s_method_may_raise_stop_consumer(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def kick(self, event: Any) -> None:
            await self.close(code=4000)
            raise StopConsumer

        async def disconnect(self, code: int) -> None:
            seen.append("never")

    return Body


@row(
    "dispatch",
    ACCEPTED,
    says({"n": 1}),
    gets({"n": 1}),
    layer({"type": "room.update", "n": 2}),
    gets(2),
    leaves(),
    ENDED,
    seen=("websocket.connect", "websocket.receive", "room.update", "websocket.disconnect"),
)
def dispatch_sees_everything(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def dispatch(self, message: Any) -> None:
            seen.append(message["type"])
            await super().dispatch(message)

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)

        async def room_update(self, event: Any) -> None:
            await self.send_json(event["n"])

    return Body


@row("dispatch scope channel_layer", ACCEPTED, seen=("/x", True, True))
def dispatch_finds_scope_layer_and_name_when_it_connects(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def dispatch(self, message: Any) -> None:
            if message["type"] == "websocket.connect":
                seen.extend([self.scope["path"], self.channel_layer is not None, len(self.channel_name) > 0])
            await super().dispatch(message)

    return _at("/x", Body)


def _at(path: str, body: Any) -> Any:
    """A class whose connections have another path."""

    class At(body):  # type: ignore[misc]
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await super().__call__({**scope, "path": path}, receive, send)

    return At


@row("__call__ as_asgi __init__", ACCEPTED, gets(["lobby", "mine"]))
def arguments_of_as_asgi_reach_init_and_call_may_change_the_scope(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        def __init__(self, *args: Any, room: str, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.room = room

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await super().__call__({**scope, "tenant": "mine"}, receive, send)

        async def connect(self) -> None:
            await self.accept()
            await self.send_json([self.room, self.scope["tenant"]])

        @classmethod
        def as_asgi(cls, **initkwargs: Any) -> Any:
            return super().as_asgi(room="lobby")

    return Body


@row("groups", ACCEPTED, layer({"type": "who"}), gets(["room", "more"]))
def groups_of_the_class_are_joined_and_init_may_add_more(base: Any, seen: list[Any]) -> Any:
    class Base(base):
        groups = ["lobby"]

    class Body(Base):
        groups = ["room"]

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.groups = [*self.groups, "more"]

        async def who(self, event: Any) -> None:
            await self.send_json(self.groups)

    return Body


@row("groups __init__", ACCEPTED, layer({"type": "who"}), gets(["room"]))
def init_may_append_to_groups_that_the_class_has_not(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.groups.append("room")

        async def who(self, event: Any) -> None:
            await self.send_json(self.groups)

    return Body


@row("groups", ACCEPTED, layer({"type": "who"}), gets(["room"]))
def groups_may_be_a_property(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        room = "room"

        @property
        def groups(self) -> list[str]:
            return [self.room]

        async def who(self, event: Any) -> None:
            await self.send_json(self.groups)

    return Body


@row("groups channel_layer", ACCEPTED, says(0), gets("left"), layer({"type": "who"}), says(1), gets("silence"))
def a_group_that_was_left_is_not_heard(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            if content:
                await self.send_json("silence")
            else:
                await self.channel_layer.group_discard("room", self.channel_name)
                await self.send_json("left")

        async def who(self, event: Any) -> None:
            await self.send_json("heard")

    return Body


@row("groups channel_layer_alias InvalidChannelLayerError", FAILED, ENDED)
def groups_without_a_layer_end_the_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]
        channel_layer_alias = "nowhere"

    return Body


@row("channel_layer_alias channel_layer", ACCEPTED, gets([True, "default"]))
def without_a_layer_channel_layer_is_none(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        channel_layer_alias = "nowhere"

        async def connect(self) -> None:
            await self.accept()
            await self.send_json([self.channel_layer is None, base.channel_layer_alias])

    return Body


@row("channel_layer channel_name", ACCEPTED, says(0), gets({"type": "note", "n": 5}))
def a_message_to_the_own_channel_name_comes_back(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.channel_layer.send(self.channel_name, {"type": "note", "n": 5})

        async def note(self, event: Any) -> None:
            await self.send_json(event)

    return Body


@row("channel_layer", ACCEPTED, gets([True, True]))
def the_layer_can_be_wrapped(base: Any, seen: list[Any]) -> Any:
    class Wrapped:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

    class Body(base):
        async def connect(self) -> None:
            self.channel_layer = Wrapped(self.channel_layer)
            await self.channel_layer.group_add("room", self.channel_name)
            await self.accept()
            await self.send_json(
                [isinstance(self.channel_layer, Wrapped), bool(await self.channel_layer.new_channel())]
            )

    return Body


@row("channel_name", ACCEPTED, gets("renamed"))
def the_channel_name_can_be_assigned(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            self.channel_name = "renamed"
            await self.accept()
            await self.send_json(self.channel_name)

    return Body


@row("scope", ACCEPTED, gets({"added": 1}))
def the_scope_can_be_changed_and_replaced(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            self.scope["one"] = 1
            self.scope = {"added": self.scope["one"]}
            await self.accept()
            await self.send_json(self.scope)

    return Body


@row("send close", ACCEPTED, says(1), gets("a"), gets(b"b"), gets("last"), is_sent(type="websocket.close", code=4005))
def send_takes_text_bytes_and_a_code_to_close_with(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send('"a"')
            await self.send(bytes_data=b"b")
            await self.send_json("last", close=4005)

    return Body


@row("send close", ACCEPTED, says(1), gets(""), is_sent(type="websocket.close"), seen=("ValueError",))
def send_wants_one_of_text_and_bytes_and_close_may_be_true(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            try:
                await self.send()
            except ValueError:
                seen.append("ValueError")
            await self.send(text_data='""', close=True)

    return Body


@row(
    "send accept close",
    ACCEPTED,
    says(1),
    gets({"a": 1}),
    is_sent(type="websocket.close", code=4000),
    seen=("accept", '{"a": 1}', "close 4000"),
)
def overrides_of_accept_send_and_close_are_what_everything_passes(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def accept(self, subprotocol: Any = None, headers: Any = None) -> None:
            seen.append("accept")
            await super().accept(subprotocol, headers)

        async def send(self, text_data: Any = None, bytes_data: Any = None, close: Any = False) -> None:
            seen.append(text_data)
            await super().send(text_data, bytes_data, close)

        async def close(self, code: Any = None, reason: Any = None) -> None:
            seen.append(f"close {code}")
            await super().close(code, reason)

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send(json.dumps({"a": content}), close=4000)

    return Body


@row(
    "base_send",
    ACCEPTED,
    gets("raw"),
    says(1),
    gets(1),
    is_sent(type="websocket.close", code=4000),
    seen=("websocket.accept", "websocket.send", "websocket.send", "websocket.close"),
)
def base_send_can_be_wrapped_and_everything_passes_it(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def websocket_connect(self, message: Any) -> None:
            inner = self.base_send

            async def noting(message: Any) -> None:
                seen.append(message["type"])
                await inner(message)

            self.base_send = noting
            await super().websocket_connect(message)
            await self.base_send({"type": "websocket.send", "text": '"raw"'})

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)
            await self.close(4000)

    return Body


@row("base_send", is_sent(type="websocket.accept"), gets("raw"), is_sent(type="websocket.close", code=4002), ENDED)
def base_send_takes_asgi_messages_of_every_type(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.base_send({"type": "websocket.accept"})
            await self.base_send({"type": "websocket.send", "text": '"raw"'})
            await self.base_send({"type": "websocket.close", "code": 4002})

    return Body


@row("send_json receive_json", ACCEPTED, says(1), gets({"wrapped": 1}))
def hooks_can_be_assigned_to_the_instance(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            send_json = self.send_json

            async def wrapping(content: Any, close: Any = False) -> None:
                await send_json({"wrapped": content}, close)

            async def echoing(content: Any, **kwargs: Any) -> None:
                await self.send_json(content)

            self.send_json, self.receive_json = wrapping, echoing
            await self.accept()

    return Body


@row("__init__ send dispatch", ACCEPTED, says(1), gets(1), seen=("websocket.connect", "websocket.receive", "1", "bye"))
def hooks_can_be_assigned_in_init(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            send, dispatch = self.send, self.dispatch

            async def noting(text_data: Any = None, bytes_data: Any = None, close: Any = False) -> None:
                seen.append(text_data)
                await send(text_data, bytes_data, close)

            async def dispatching(message: Any) -> None:
                seen.append(message["type"] if message["type"] != "websocket.disconnect" else "bye")
                await dispatch(message)

            self.send, self.dispatch = noting, dispatching

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send(json.dumps(content))

    return Body


@row("websocket_receive", ACCEPTED, layer({"type": "websocket.receive", "text": '{"n": 3}'}), gets({"n": 3}))
def a_layer_message_may_be_a_frame(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)

    return Body


@row("send_json", ACCEPTED, layer({"type": "send_json", "n": 3}), gets({"type": "send_json", "n": 3}))
def a_layer_message_may_be_sent_on_by_its_type(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

    return Body


@row("receive_json", ACCEPTED, layer({"type": "receive.json", "n": 3}), gets({"type": "receive.json", "n": 3}))
def a_layer_message_may_be_taken_for_a_client_s(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)

    return Body


@row("dispatch", ACCEPTED, layer({"type": "send.message", "n": 3}), gets(3))
def a_layer_message_s_method_may_have_the_name_of_one_of_ours(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def send_message(self, event: Any) -> None:
            await self.send_json(event["n"])

    return Body


@row("user", ACCEPTED, says(0), gets(["ada", "somebody else"]), user="ada")
def the_user_of_the_scope_can_be_assigned(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            self.user = self.scope["user"]
            await self.accept()

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            before, self.user = self.user, "somebody else"
            await self.send_json([before, self.user])

    return Body


@row("user __init__", ACCEPTED, gets("by init"), user="of the scope")
def a_user_that_init_is_given_stays(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__()
            self.user = "by init"

        async def connect(self) -> None:
            await self.accept()
            await self.send_json(self.user)

    return Body


@row("_sync", ACCEPTED, gets(False))
def it_is_not_sync(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.accept()
            await self.send_json(self._sync)

    return Body


# ---- what differs: each is on the page reference/consumers.md -------------------------------------------

CLOSED = is_sent(type="websocket.close", code=1000)
NOT_HANDLED = gets({"action": "error", "payload": {"detail": "The message could not be handled."}})


@different("StopConsumer", (ACCEPTED, says("bye"), ENDED), (ACCEPTED, says("bye"), CLOSED, ENDED))
def stop_consumer_alone_closes_the_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            raise StopConsumer

        async def disconnect(self, code: int) -> None:
            seen.append("never")

    return Body


@different("StopConsumer connect", (ENDED,), (is_sent(type="websocket.close", code=1000), ENDED))
def stop_consumer_before_accept_refuses_the_handshake(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            raise StopConsumer

        async def disconnect(self, code: int) -> None:
            seen.append("never")

    return Body


@different(
    "websocket_disconnect",
    (ACCEPTED, layer({"type": "websocket.disconnect", "code": 4321}), ENDED),
    (ACCEPTED, layer({"type": "websocket.disconnect", "code": 4321}), CLOSED, ENDED),
    (4321,),
    (4321,),
)
def a_layer_message_that_disconnects_closes_the_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def disconnect(self, code: int) -> None:
            seen.append(code)

    return Body


@different(
    "connect close", (is_sent(type="websocket.close"), ENDED), (is_sent(type="websocket.close"), ENDED), [1006], [1000]
)
def disconnect_is_given_the_code_that_the_handshake_was_refused_with(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.close()

        async def disconnect(self, code: int) -> None:
            seen.append(code)

    return Body


@different(
    "send send_json",
    (ACCEPTED, says(1), gets(1)),
    (ACCEPTED, says(1), gets(1)),
    (),
    ("1",),
)
def an_override_of_send_sees_what_send_json_sends(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def send(self, text_data: Any = None, bytes_data: Any = None, close: Any = False) -> None:
            seen.append(text_data)
            await super().send(text_data, bytes_data, close)

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)

    return Body


@different("receive_json", (ACCEPTED, says(1), FAILED, ENDED), (ACCEPTED, says(1), NOT_HANDLED, says(2), NOT_HANDLED))
def a_hook_that_fails_ends_no_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            raise LookupError("no such room")

    return Body


def refused(kind: str, text: str) -> Step:
    return gets({"action": "error", "payload": [{"loc": [], "msg": text, "type": kind}]})


BROKEN = Step(lambda server: server.put({"type": "websocket.receive", "text": "{"}), "says {")
BINARY = refused("binary_frame", "Binary frames are not understood, send text")


@different(
    "receive decode_json",
    (ACCEPTED, BROKEN, FAILED, ENDED),
    (ACCEPTED, BROKEN, refused("json_invalid", "Invalid JSON")),
)
def a_frame_that_is_no_json_is_answered(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            seen.append("never")

    return Body


@different("receive", (ACCEPTED, sends(b"{}"), FAILED, ENDED), (ACCEPTED, sends(b"{}"), BINARY))
def a_binary_frame_is_answered(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            seen.append("never")

    return Body


@different(
    "dispatch",
    (ACCEPTED, layer({"type": "nobody.knows"}), FAILED, ENDED),
    (ACCEPTED, layer({"type": "nobody.knows"}), layer({"type": "note"}), gets("noted")),
)
def a_layer_message_without_a_method_ends_no_connection(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def note(self, event: Any) -> None:
            await self.send_json("noted")

    return Body


@different(
    "close",
    (ACCEPTED, layer({"type": "close"}), is_sent(type="websocket.close", code={"type": "close"})),
    (ACCEPTED, layer({"type": "close"}), layer({"type": "note"}), gets("noted")),
)
def a_layer_message_calls_no_hook_that_takes_none(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        groups = ["room"]

        async def note(self, event: Any) -> None:
            await self.send_json("noted")

    return Body


@different("accept", (ACCEPTED, ACCEPTED), (ACCEPTED, gets("once")))
def a_connection_is_accepted_once(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.accept()
            await self.accept()
            await self.send_json("once")

    return Body


@different("channel_receive", (ACCEPTED, gets(True)), (ACCEPTED, gets(False)))
def there_is_no_channel_receive(base: Any, seen: list[Any]) -> Any:
    class Body(base):
        async def connect(self) -> None:
            await self.accept()
            await self.send_json(hasattr(self, "channel_receive"))

    return Body


# ---- the tables' tests ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def surroundings(django_db_setup: None, django_db_blocker: Any) -> Any:
    """A layer of its own for each test, since each has a loop of its own; and what Channels does for each message.

    It looks at database connections that other tests have left, which pytest-django takes for a use of the database.
    """
    with (
        override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}),
        django_db_blocker.unblock(),
    ):
        yield


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("row", ROWS, ids=repr)
async def test_a_body_does_the_same_on_both_bases(row: Row, base: str) -> None:
    await run(base, row)


@pytest.mark.parametrize(("base", "row"), DIFFERENT, ids=repr)
async def test_what_differs_differs_as_the_documentation_says(row: Row, base: str) -> None:
    await run(base, row)


# ---- unit tests, which call a consumer without a connection ---------------------------------------------


def unconnected(base: Any) -> Any:
    class Body(base):
        groups = ["room"]

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json({"got": content, "by": self.scope["user"]})

        async def chat_message(self, event: Any) -> None:
            await self.send(text_data=event["text"])

    consumer: Any = Body()
    consumer.scope = {"type": "websocket", "path": "/", "user": "ada"}
    consumer.channel_layer, consumer.channel_name = AsyncMock(), "tests!name"
    consumer.base_send = AsyncMock()
    return consumer


@pytest.mark.parametrize("base", BASES)
async def test_a_consumer_without_a_connection_sends_everything_to_its_base_send(base: str) -> None:
    consumer = unconnected(BASES[base])
    await consumer.websocket_connect({"type": "websocket.connect"})
    consumer.channel_layer.group_add.assert_awaited_once_with("room", "tests!name")
    await consumer.dispatch({"type": "websocket.receive", "text": "1"})
    await consumer.dispatch({"type": "chat.message", "text": "hello"})
    await consumer.receive_json(2)
    await consumer.send(bytes_data=b"x", close=4000)
    with pytest.raises(StopConsumer):
        await consumer.websocket_disconnect({"type": "websocket.disconnect", "code": 1001})
    for wrong in ({"type": "nobody.knows"}, {"type": "_private"}, {}):
        with pytest.raises(ValueError, match="type"):
            await consumer.dispatch(wrong)
    sent = [call.args[0] for call in consumer.base_send.await_args_list]
    assert sent == [
        {"type": "websocket.accept", "subprotocol": None},
        {"type": "websocket.send", "text": '{"got": 1, "by": "ada"}'},
        {"type": "websocket.send", "text": "hello"},
        {"type": "websocket.send", "text": '{"got": 2, "by": "ada"}'},
        {"type": "websocket.send", "bytes": b"x"},
        {"type": "websocket.close", "code": 4000},
    ]


@pytest.mark.parametrize("base", BASES)
async def test_attributes_of_a_consumer_without_a_connection_can_be_patched_and_are_what_they_were(base: str) -> None:
    consumer = unconnected(BASES[base])
    with (
        patch.object(consumer, "send", AsyncMock()) as send,
        patch.object(consumer, "accept", AsyncMock()) as accept,
        patch.object(consumer, "channel_name", "patched"),
        patch.object(consumer, "user", "eve", create=True),
    ):
        await consumer.connect()
        await consumer.chat_message({"text": "hello"})
        assert (consumer.channel_name, consumer.user) == ("patched", "eve")
    accept.assert_awaited_once_with()
    send.assert_awaited_once_with(text_data="hello")
    consumer.base_send.assert_not_awaited()
    assert consumer.channel_name == "tests!name"
    assert getattr(consumer, "user", "ada") == "ada"


@pytest.mark.parametrize("base", BASES)
async def test_hooks_of_a_class_can_be_patched_after_its_first_connection(
    base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shout(self: Any, content: Any, close: Any = False) -> None:
        await self.send(text_data=json.dumps(f"{content}!"))

    async def receive_json(self: Any, content: Any, **kwargs: Any) -> None:
        await self.send_json(content)

    body: Any = type("Body", (BASES[base],), {})
    rows = [
        Row("", lambda *_: body, (ACCEPTED,)),
        Row("", lambda *_: body, (ACCEPTED, says("x"), gets("x!"))),
    ]
    await run(base, rows[0])
    monkeypatch.setattr(body, "receive_json", receive_json)
    monkeypatch.setattr(body, "send_json", shout)
    await run(base, rows[1])


# ---- login and logout ----------------------------------------------------------------------------------


class TheSessions(BaseAuthenticator):
    async def authenticate(self) -> bool:
        self.user = self.scope["user"]
        return True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("authenticator", [None, TheSessions, DjangoAuthenticator])
@pytest.mark.parametrize("assigns", [False, True])
async def test_the_user_is_the_one_who_logged_in_and_out_during_the_connection(
    authenticator: Any, assigns: bool, settings: Any
) -> None:
    ada = await get_user_model().objects.acreate_user("ada")

    class Body(OurConsumer):
        authenticator_class = authenticator
        send_authentication_message = False

        async def connect(self) -> None:
            if assigns:
                self.user = self.scope["user"]
            await self.accept()

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            if content == "login":
                await login(self.scope, ada, backend="django.contrib.auth.backends.ModelBackend")
            elif content == "logout":
                await logout(self.scope)
            await self.send_json([self.user.get_username(), self.user.is_authenticated])

    script = (
        ACCEPTED,
        says("who"),
        gets(["", False]),
        says("login"),
        gets(["ada", True]),
        says("who"),
        gets(["ada", True]),
        says("logout"),
        gets(["", False]),
    )
    server = Server(AuthMiddlewareStack(Body.as_asgi()), {"headers": [(b"host", b"testserver")]})
    for step in script:
        done = step.do(server)
        if done is not None:
            await done
    leaves().do(server)
    await server.end()


def test_the_tables_have_every_attribute_of_channels_consumers_and_every_exception_that_they_take() -> None:
    of_instances = {"scope", "channel_layer", "channel_name", "channel_receive", "base_send"}
    exceptions = {AcceptConnection, DenyConnection, StopConsumer, InvalidChannelLayerError}
    expected = (
        (set(dir(ChannelsConsumer)) - set(dir(type("Empty", (), {}))))
        | of_instances
        | {each.__name__ for each in exceptions}
    )
    covered = {word for row in (*ROWS, *(each for _, each in DIFFERENT)) for word in row.covers.split()}
    assert expected <= covered, expected - covered
    assert not hasattr(OurConsumer, "channel_receive")
    assert expected - set(dir(OurConsumer)) <= {"scope", "channel_receive", *(each.__name__ for each in exceptions)}
