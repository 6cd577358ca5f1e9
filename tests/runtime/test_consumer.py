"""What a consumer class declares and overrides: attributes, groups, hooks, and mistakes at definition."""

from __future__ import annotations

import asyncio
import functools
import importlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest

from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.hub import hub_for
from chanspec.runtime.settings import RuntimeSettings

from .driver import Client, connected, eventually
from .messages import Count, Notify, Said, Say


class Echo(Consumer[Any]):
    """Says it again."""

    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)


def test_as_asgi_names_the_class_and_its_arguments() -> None:
    app = Echo.as_asgi(room="lobby")
    assert app.consumer_class is Echo
    assert app.consumer_initkwargs == {"room": "lobby"}
    assert app.__name__ == "Echo"
    assert app.__doc__ == "Says it again."
    assert asyncio.iscoroutinefunction(app)


async def test_every_connection_has_an_instance_of_its_own_made_with_the_arguments() -> None:
    class Room(Consumer[Any]):
        def __init__(self, room: str) -> None:
            self.room = room
            self.count = 0

        @ws_handler
        async def say(self, message: Say) -> Said:
            self.count += 1
            return Said(payload=[self.room, self.count])

    app = Room.as_asgi(room="lobby")
    async with connected(app) as one, connected(app) as two:
        await one.ask("say", "")
        assert (await one.ask("say", ""))["payload"] == ["lobby", 2]
        assert (await two.ask("say", ""))["payload"] == ["lobby", 1]


async def test_other_protocols_are_refused() -> None:
    with pytest.raises(ValueError, match="'http'"):
        await Echo.as_asgi()({"type": "http"}, None, None)


def test_generic_parameter_is_optional() -> None:
    class Bare(Consumer):  # type: ignore[type-arg]
        pass

    class WithEvent(Consumer[Notify]):
        pass

    assert issubclass(WithEvent, Consumer)
    assert Bare.as_asgi()


async def test_scope_user_groups_and_layer_are_there() -> None:
    seen: dict[str, Any] = {}

    class Attributes(Consumer[Any]):
        groups = ["a"]

        async def post_authentication(self) -> None:
            seen.update(
                path=self.scope["path"],
                user=self.user,
                groups=self.groups,
                name=self.channel_name,
                layer=self.channel_layer,
                authenticator=self.authenticator,
            )

    async with connected(Attributes.as_asgi(), scope={"path": "/x", "user": "ada"}):
        assert seen["path"] == "/x"
        assert seen["user"] == "ada"
        assert seen["groups"] == ["a"]
        assert isinstance(seen["name"], str)
        assert seen["name"]
        assert seen["layer"] is not None
        assert seen["authenticator"] is None


async def test_groups_of_a_subclass_replace_those_of_its_bases_and_each_instance_has_its_own_list() -> None:
    class Presence:
        groups = ["presence"]

    class Base(Consumer[Any]):
        groups = ["base", "presence"]

    class Room(Presence, Base):
        groups = ["room"]
        made: list[Any] = []

        async def post_authentication(self) -> None:
            self.groups.append("mine")
            self.made.append(self)

    async with connected(Room.as_asgi()), connected(Room.as_asgi()):
        one, two = Room.made
        assert one.groups == ["room", "mine"]
        assert one.groups is not two.groups
        assert Room.groups == ["room"]


def _joined(consumer: Any) -> frozenset[str]:
    """The groups that a connection is in."""
    return hub_for(consumer.get_channel_layer()).groups_of(consumer._connection)


class Staff(Consumer[Any]):
    groups = ["staff"]
    extra_groups = ["audit"]
    made: list[Any] = []

    async def post_authentication(self) -> None:
        self.made.append(self)

    @ws_handler
    async def say(self, message: Say) -> None:
        await self.broadcast_message(Said(payload=message.payload))

    @event_handler
    async def notify(self, event: Notify) -> Said:
        return Said(payload=event.payload)


class Beeping:
    extra_groups = ("beeps", "audit")


@pytest.mark.parametrize(
    ("attributes", "bases", "expected"),
    [
        ({}, (), {"staff", "audit"}),
        ({"groups": ["guests"]}, (), {"guests", "audit"}),
        ({"groups": []}, (), {"audit"}),
        ({"groups": ()}, (Beeping,), {"audit", "beeps"}),
        ({"groups": None, "extra_groups": {"own"}}, (Beeping,), {"audit", "beeps", "own"}),
        ({"groups": {"a": 1}.keys(), "extra_groups": []}, (), {"a", "audit"}),
        ({"groups": property(lambda self: [self.scope["path"][1:]])}, (), {"kitchen", "audit"}),
        ({"groups": functools.cached_property(lambda self: ["cached"])}, (), {"cached", "audit"}),
    ],
)
async def test_groups_replace_and_extra_groups_merge_for_joining_and_for_broadcasts_and_events(
    attributes: dict[str, Any], bases: tuple[type, ...], expected: set[str]
) -> None:
    room: Any = type("Room", (*bases, Staff), {**attributes, "made": []})
    async with connected(room.as_asgi(), scope={"path": "/kitchen"}) as client:
        await eventually(lambda: bool(room.made))
        assert _joined(room.made[0]) == expected
        client.say("say", "to my groups")
        assert (await client.message())["payload"] == "to my groups"
        if isinstance(room.groups, property | functools.cached_property):
            with pytest.raises(
                TypeError, match=r"Room\.groups is a property, which only a connection has; pass groups"
            ):
                await room.broadcast_event(Notify(payload="x"))
        else:
            await room.broadcast_event(Notify(payload="from outside"))
            assert (await client.message())["payload"] == "from outside"
        await client.silence()


@pytest.mark.parametrize("on_class", [None, ["staff"], ("staff",), {"staff"}])
async def test_groups_that_init_changes_are_the_instances_own(on_class: Any) -> None:
    class Room(Staff):
        groups = on_class
        made: list[Any] = []

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            if isinstance(self.groups, tuple):
                self.groups = (*self.groups, "mine")
            elif isinstance(self.groups, set):
                self.groups.add("mine")
            else:
                self.groups.append("mine")
            self.extra_groups.append("more")
            super().__init__(*args, **kwargs)

    for _ in range(2):
        async with connected(Room.as_asgi()):
            await eventually(lambda: bool(Room.made))
            assert _joined(Room.made.pop()) == {*(on_class or ()), "mine", "audit", "more"}
    assert Room.groups == on_class
    assert Staff.extra_groups == ["audit"]


async def test_groups_of_an_instance_that_are_no_list_are_an_error_that_names_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Room(Staff):
        def __init__(self) -> None:
            self.groups = "lobby"

    client = Client(Room.as_asgi())
    client.start()
    assert await client.frame() == {"type": "websocket.close", "code": 1011}
    await client.ended()
    assert "Room.groups is 'lobby'; write a list of strings" in caplog.text


async def test_broadcasts_reach_class_groups_and_joined_ones_and_may_leave_out_the_sender() -> None:
    class Room(Consumer[Any]):
        groups = ["everybody"]

        async def post_authentication(self) -> None:
            group = self.scope["path"].strip("/")
            await self.channel_layer.group_add(group, self.channel_name)

        @ws_handler
        async def say(self, message: Say) -> None:
            groups = None if message.payload == "all" else [message.payload]
            await self.broadcast_message(Said(payload=message.payload), groups, exclude_current=True)

        @ws_handler
        async def count(self, message: Count) -> None:
            await self.broadcast_message({"raw_json": message.payload}, groups="one")

    app = Room.as_asgi()
    one, two = {"path": "/one"}, {"path": "/two"}
    async with connected(app, scope=one) as a, connected(app, scope=one) as b, connected(app, scope=two) as c:
        a.say("say", "all")
        assert (await b.message())["payload"] == "all"
        assert (await c.message())["payload"] == "all"
        a.say("say", "one")
        assert (await b.message())["payload"] == "one"
        c.say("count", 3)
        assert await a.message() == {"raw_json": 3}
        assert await b.message() == {"raw_json": 3}
        await a.silence()
        await c.silence()


async def test_events_reach_consumers_from_coroutines_and_from_threads() -> None:
    class Notified(Consumer[Notify]):
        groups = ["notified"]
        names: list[str] = []

        async def post_authentication(self) -> None:
            self.names.append(self.channel_name)

        @event_handler
        async def notify(self, event: Notify) -> Said:
            return Said(payload=event.payload)

    async with connected(Notified.as_asgi()) as client:
        await Notified.broadcast_event(Notify(payload="group"))
        assert (await client.message())["payload"] == "group"
        await Notified.send_event(Notify(payload="one"), Notified.names[0])
        assert (await client.message())["payload"] == "one"
        await asyncio.to_thread(Notified.broadcast_event_sync, Notify(payload="thread"), ["notified"])
        assert (await client.message())["payload"] == "thread"
        await asyncio.to_thread(Notified.send_event_sync, Notify(payload="name"), Notified.names[0])
        assert (await client.message())["payload"] == "name"


async def test_an_event_to_a_name_of_one_s_own_is_told_with_its_cure(caplog: pytest.LogCaptureFixture) -> None:
    class Paid(Consumer[Notify]):
        @event_handler
        async def notify(self, event: Notify) -> Said:
            return Said(payload=event.payload)

    await Paid.send_event(Notify(payload="one"), "user_7")
    await asyncio.to_thread(Paid.send_event_sync, Notify(payload="two"), channel_name="user_8")
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "Paid sends an event to user_7, which is the channel_name of no connection" in record.getMessage()
    assert "groups=[…]" in record.getMessage()


async def test_passthrough_events_are_forwarded_by_methods_of_the_class() -> None:
    class Joined(BaseMessage):
        action: Literal["joined"] = "joined"
        payload: str

    class Mixin:
        passthrough_events = [Joined]

    class Forwarding(Mixin, Consumer[Any]):
        groups = ["forwarding"]
        passthrough_events = [Notify]
        passthrough_method_prefix = "forward_"

    assert asyncio.iscoroutinefunction(Forwarding.forward_joined)  # type: ignore[attr-defined]
    assert asyncio.iscoroutinefunction(Forwarding.forward_notify)  # type: ignore[attr-defined]
    async with connected(Forwarding.as_asgi()) as client:
        await Forwarding.broadcast_event(Joined(payload="ada"))
        assert await client.message() == {"action": "joined", "payload": "ada"}
        await Forwarding.broadcast_event(Notify(payload=1))
        assert await client.message() == {"handler": "notify", "payload": 1}


async def test_subclass_may_override_a_generated_passthrough_method() -> None:
    class Forwarding(Consumer[Any]):
        groups = ["overriding"]
        passthrough_events = [Notify]

    class Louder(Forwarding):
        async def handle_passthrough_notify(self, event: Notify) -> Said:
            return Said(payload=event.payload * 2)

    async with connected(Louder.as_asgi()) as client:
        await Louder.broadcast_event(Notify(payload=2))
        assert (await client.message())["payload"] == 4


# Hooks


async def test_connect_may_choose_a_subprotocol_and_headers() -> None:
    class Choosing(Echo):
        async def connect(self) -> None:
            await self.accept(subprotocol="v2", headers=[(b"x-served-by", b"tests")])
            await self.send_json({"hello": True})

    client = Client(Choosing.as_asgi())
    frame = await client.open()
    assert frame["subprotocol"] == "v2"
    assert frame["headers"] == [(b"x-served-by", b"tests")]
    assert await client.message() == {"hello": True}
    await client.disconnect()


async def test_connect_may_refuse() -> None:
    codes: list[int] = []

    class Refusing(Echo):
        async def connect(self) -> None:
            await self.close()

        async def post_authentication(self) -> None:
            raise AssertionError("not for a connection that was refused")

        async def disconnect(self, code: int) -> None:
            codes.append(code)

    client = Client(Refusing.as_asgi())
    client.start()
    assert await client.frame() == {"type": "websocket.close"}
    await client.ended()
    assert codes == [1000]


async def test_connection_may_be_accepted_later_than_in_connect() -> None:
    class Later(Consumer[Any]):
        groups = ["later"]

        async def connect(self) -> None:
            pass

        @event_handler
        async def notify(self, event: Notify) -> Said:
            await self.accept()
            return Said(payload="now")

    client = Client(Later.as_asgi())
    client.start()
    hub = hub_for(Later.get_channel_layer())
    await eventually(lambda: "later" in hub.subscriptions)
    await Later.broadcast_event(Notify())
    assert (await client.frame())["type"] == "websocket.accept"
    assert (await client.message())["payload"] == "now"
    await client.disconnect()


@pytest.mark.parametrize("hook", ["connect", "post_authentication", "websocket_connect"])
async def test_failing_connect_hooks_are_logged_and_close_the_connection(
    hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: Any, *args: Any) -> None:
        raise LookupError("no such room")

    failing = type("Failing", (Echo,), {hook: fail})
    client = Client(failing.as_asgi())
    client.start()
    frame = await client.frame()
    if frame["type"] == "websocket.accept":
        frame = await client.frame()
    assert frame == {"type": "websocket.close", "code": 1011}
    await client.ended()
    assert "no such room" in caplog.text


@pytest.mark.parametrize("closer", ["handler", "concurrent handler", "event handler", "another task"])
async def test_close_ends_the_connection_wherever_it_is_called(closer: str) -> None:
    log: list[Any] = []

    class Closing(Consumer[Any]):
        groups = ["closing"]

        async def finish(self) -> None:
            await self.close(4001, "enough")
            await asyncio.sleep(0)
            log.append("went on")

        @ws_handler
        async def say(self, message: Say) -> Said:
            if message.payload == "task":
                self.task = asyncio.create_task(self.close(4001, "enough"))
                log.append("went on")
                await asyncio.sleep(60)
            await self.finish()
            return Said(payload="into the void")

        @ws_handler(concurrent=True)
        async def count(self, message: Count) -> None:
            await self.finish()

        @event_handler
        async def notify(self, event: Notify) -> None:
            await self.finish()

        async def disconnect(self, code: int) -> None:
            log.append(code)

    client = Client(Closing.as_asgi())
    await client.open()
    if closer == "handler":
        client.say("say", "x")
        client.say("say", "not handled any more")
    elif closer == "concurrent handler":
        client.say("count", 1)
    elif closer == "event handler":
        await Closing.broadcast_event(Notify())
    else:
        client.say("say", "task")
    assert await client.frame() == {"type": "websocket.close", "code": 4001, "reason": "enough"}
    await client.ended()
    assert log == ["went on", 4001]
    assert client.outbox.empty()


async def test_sending_with_close_closes_with_the_code() -> None:
    class Parting(Echo):
        @ws_handler
        async def say(self, message: Say) -> None:
            await self.send_json({"bye": True}, close=4002)

    client = Client(Parting.as_asgi())
    await client.open()
    assert await client.ask("say", "x") == {"bye": True}
    assert await client.frame() == {"type": "websocket.close", "code": 4002}
    await client.ended()


async def test_binary_frames_can_be_sent() -> None:
    class Binary(Echo):
        @ws_handler
        async def say(self, message: Say) -> None:
            await self.send(bytes_data=b"\x00\x01")

    async with connected(Binary.as_asgi()) as client:
        client.say("say", "x")
        assert await client.frame() == {"type": "websocket.send", "bytes": b"\x00\x01"}


async def test_overridden_receive_json_sees_every_message_first() -> None:
    class Unwrapping(Echo):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            if content.get("secret") != "open sesame":
                await self.send_json({"refused": True})
                return
            await super().receive_json(content["message"])

    async with connected(Unwrapping.as_asgi()) as client:
        client.text('{"secret": "wrong"}')
        assert await client.message() == {"refused": True}
        client.text(json.dumps({"secret": "open sesame", "message": {"action": "say", "payload": "é"}}))
        assert (await client.message())["payload"] == "é"
        client.text("{bad")
        assert (await client.message())["payload"][0]["type"] == "json_invalid"


async def test_overridden_decode_and_encode_json_are_used_for_all_messages() -> None:
    class Wrapped(Echo):
        groups = ["wrapped"]

        @classmethod
        async def decode_json(cls, text_data: str) -> Any:
            return json.loads(text_data.removeprefix(")]}'"))

        @classmethod
        async def encode_json(cls, content: Any) -> str:
            return ")]}'" + json.dumps(content)

        @ws_handler
        async def count(self, message: Count) -> None:
            await self.broadcast_message(Said(payload=message.payload))

    async with connected(Wrapped.as_asgi()) as client:
        client.text(""")]}'{"action": "say", "payload": "x"}""")
        assert (await client.frame())["text"].startswith(")]}'")
        client.text(""")]}'{"action": "count", "payload": 1}""")
        assert json.loads((await client.frame())["text"].removeprefix(")]}'"))["payload"] == 1
        client.text(""")]}'{"action": "?"}""")
        assert (await client.frame())["text"].startswith(")]}'")


async def test_overridden_send_sees_replies_and_broadcasts() -> None:
    class Counting(Echo):
        groups = ["counting"]
        sent = 0

        async def send(self, text_data: Any = None, bytes_data: Any = None, close: Any = False) -> None:
            type(self).sent += 1
            await super().send(text_data, bytes_data, close)

    async with connected(Counting.as_asgi()) as client:
        await client.ask("say", "x")
        client.say("unknown")
        await client.message()
        async with connected(Counting.as_asgi()):
            pass
        await hub_for(Counting.get_channel_layer()).broadcast(["counting"], '{"n": 1}')
        assert await client.message() == {"n": 1}
        assert Counting.sent == 3


async def test_overridden_send_message_sees_replies() -> None:
    class Signing(Echo):
        async def send_message(self, message: Any) -> None:
            await super().send_message(message.model_copy(update={"payload": f"{message.payload}!"}))

    async with connected(Signing.as_asgi()) as client:
        assert (await client.ask("say", "x"))["payload"] == "x!"


async def test_overridden_dispatch_sees_connect_frames_layer_messages_and_disconnect() -> None:
    seen: list[str] = []

    class Watching(Echo):
        groups = ["watching"]

        async def dispatch(self, message: Any) -> None:
            seen.append(message["type"])
            await super().dispatch(message)

        async def room_update(self, event: Any) -> None:
            await self.send_json({"n": event["n"]})

    async with connected(Watching.as_asgi()) as client:
        assert (await client.ask("say", "x"))["payload"] == "x"
        await Watching.get_channel_layer().group_send("watching", {"type": "room.update", "n": 3})
        assert await client.message() == {"n": 3}
    assert seen == ["websocket.connect", "websocket.receive", "room.update", "websocket.disconnect"]


@pytest.mark.parametrize("hook", ["websocket_connect", "websocket_receive", "websocket_disconnect", "receive"])
async def test_hooks_with_super_change_nothing(hook: str) -> None:
    calls: list[str] = []

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        calls.append(hook)
        await getattr(Echo, hook)(self, *args, **kwargs)

    overriding = type("Overriding", (Echo,), {hook: wrapped})
    async with connected(overriding.as_asgi()) as client:
        assert (await client.ask("say", "x"))["payload"] == "x"
    assert calls == [hook]


async def test_failing_receive_hook_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Echo):
        async def receive(self, text_data: Any = None, bytes_data: Any = None, **kwargs: Any) -> None:
            raise LookupError("broken hook")

    async with connected(Failing.as_asgi()) as client:
        answer = await client.ask("say", "x")
        assert answer == {"action": "error", "payload": {"detail": "The message could not be handled."}}
    assert "broken hook" in caplog.text


@pytest.mark.parametrize("on", ["class", "instance"])
async def test_hooks_that_a_test_replaces_later_are_called_though_the_class_has_none(
    on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    class Plain(Consumer[Any]):
        """Has no hook of its own."""

        def __init__(self) -> None:
            if on == "instance" and replaced:
                self.post_authentication, self.disconnect = hello, bye  # type: ignore[method-assign]

    async def hello(*_: Any) -> None:
        seen.append("hello")

    async def bye(*arguments: Any) -> None:
        seen.append(arguments[-1])

    replaced = False
    async with connected(Plain.as_asgi()):  # from here on its plan is made
        pass
    replaced = True
    if on == "class":
        monkeypatch.setattr(Plain, "post_authentication", hello)
        monkeypatch.setattr(Plain, "disconnect", bye)
    async with connected(Plain.as_asgi()) as client:
        await client.disconnect(4001)
    assert seen == ["hello", 4001]


async def test_failing_disconnect_hook_is_logged_and_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Echo):
        groups = ["failing-disconnect"]

        async def disconnect(self, code: int) -> None:
            raise LookupError("broken hook")

    async with connected(Failing.as_asgi()):
        pass
    assert "broken hook" in caplog.text


async def test_sending_in_the_disconnect_hook_is_harmless(caplog: pytest.LogCaptureFixture) -> None:
    class Polite(Echo):
        log_undeclared_messages = False

        async def disconnect(self, code: int) -> None:
            await self.send_json({"bye": True})

    async with connected(Polite.as_asgi()):
        pass
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


@pytest.mark.parametrize(
    "hook", ["connect", "disconnect", "receive_json", "dispatch", "send", "encode_json", "post_authentication"]
)
def test_sync_hook_is_an_error_at_class_definition(hook: str) -> None:
    def sync(self: Any, *args: Any) -> None: ...

    with pytest.raises(TypeError, match=rf"{hook} is a sync method.*async def {hook}"):
        type("Sync", (Echo,), {hook: sync})


@pytest.mark.parametrize("name", ["accept", "close", "send", "user", "channel_layer", "receive_json", "__init__"])
def test_handler_named_like_something_of_the_consumer_itself_is_an_error_at_class_definition(name: str) -> None:
    async def handler(self: Any, message: Say) -> None: ...

    with pytest.raises(TypeError, match=rf"{name} handles 'say', but {name} is .* such as on_\w+$"):
        type("Named", (Consumer,), {name: ws_handler(input_type=Say)(handler)})


def test_hook_behind_a_decorator_is_accepted() -> None:
    def traced(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any) -> Any:
            return function(*args)

        return wrapper

    class Traced(Echo):
        @traced
        async def connect(self) -> None: ...

    assert Traced.as_asgi()


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"groups": "lobby"}, "groups is 'lobby'; write a list of strings"),
        ({"groups": [1]}, "write a list of strings"),
        ({"groups": len}, "groups is .*; write a list of strings"),
        ({"groups": lambda self: []}, "groups is .*; write a list of strings"),
        ({"groups": (each for each in "ab")}, "groups is .*; write a list of strings"),
        ({"extra_groups": "lobby"}, "extra_groups is 'lobby'; write a list of strings"),
        ({"extra_groups": property(list)}, "extra_groups is a property; write a list of strings, or make groups"),
        ({"subprotocols": "v1"}, "subprotocols is 'v1'; write a list of strings"),
    ],
)
def test_wrong_groups_are_an_error_at_class_definition(attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        type("Wrong", (Echo,), attributes)


def test_contract_errors_are_errors_at_class_definition() -> None:
    with pytest.raises(TypeError, match="sync method"):

        class Sync(Consumer[Any]):
            @ws_handler
            def say(self, message: Say) -> None: ...


@pytest.mark.parametrize("library", ["channels", "fast_channels"])
@pytest.mark.parametrize(
    "where", ["post_authentication", "handler", "stream", "concurrent", "event", "hook", "error hook", "disconnect"]
)
async def test_stop_consumer_ends_the_connection_wherever_it_is_raised(
    where: str, library: str, caplog: pytest.LogCaptureFixture
) -> None:
    stop = importlib.import_module(f"{library}.exceptions").StopConsumer
    ends: list[int] = []

    def stop_in(place: str) -> None:
        if place == where:
            raise stop

    class Stopping(Consumer[Any]):
        groups = ["stopping"]

        async def post_authentication(self) -> None:
            stop_in("post_authentication")

        @ws_handler
        async def say(self, message: Say) -> Said:
            stop_in("handler")
            return Said(payload=message.payload)

        @ws_handler
        async def count(self, message: Count) -> AsyncIterator[Said]:
            yield Said(payload=message.payload)
            stop_in("stream")

        @ws_handler(concurrent=True)
        async def ping(self, message: PingMessage) -> PongMessage:
            await asyncio.sleep(0)
            stop_in("concurrent")
            return PongMessage()

        @event_handler
        async def notify(self, event: Notify) -> None:
            stop_in("event")

        async def kick(self, event: Any) -> None:
            stop_in("hook")

        async def handle_validation_error(self, error: Any) -> None:
            stop_in("error hook")

        async def disconnect(self, code: int) -> None:
            ends.append(code)
            stop_in("disconnect")

    client = Client(Stopping.as_asgi())
    await client.open()
    if where == "handler":
        client.say("say", "x")
    elif where == "stream":
        assert (await client.ask("count", 1))["payload"] == 1
    elif where == "concurrent":
        client.say("ping")
    elif where == "event":
        await Stopping.broadcast_event(Notify())
    elif where == "hook":
        await Stopping.get_channel_layer().group_send("stopping", {"type": "kick"})
    elif where == "error hook":
        client.say("nobody knows")
    if where == "disconnect":
        await client.disconnect(1001)
    else:
        assert await client.frame() == {"type": "websocket.close", "code": 1000}
        await client.ended()
    assert ends == ([1001] if where == "disconnect" else [])
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_a_consumer_without_a_connection_answers_by_its_base_send() -> None:
    consumer = Echo()
    with pytest.raises(RuntimeError, match=r"Echo serves no connection to send to; assign its base_send"):
        await consumer.send_json({})
    sent: list[Any] = []

    async def base_send(message: Any) -> None:
        sent.append(message)

    consumer.base_send = base_send  # type: ignore[method-assign]
    await consumer.accept()
    await consumer.receive_json({"action": "say", "payload": "x"})
    await consumer.receive('{"action": "say"}')
    await consumer.send_message(Said(payload="y"))
    await consumer.close(4000)
    contents = [json.loads(each["text"]) for each in sent[1:-1]]
    assert contents[0] == {"action": "said", "payload": "x"}
    assert contents[1]["payload"][0]["type"] == "missing"
    assert contents[2] == {"action": "said", "payload": "y"}
    assert [each["type"] for each in (sent[0], sent[-1])] == ["websocket.accept", "websocket.close"]
    assert consumer.user is None


async def test_a_base_send_that_connect_wraps_gets_replies_broadcasts_and_events() -> None:
    class Wrapping(Echo):
        groups = ["wrapping"]
        sent: list[str] = []

        async def connect(self) -> None:
            inner = self.base_send

            async def noting(message: Any) -> None:
                self.sent.append(message["type"])
                await inner(message)

            self.base_send = noting  # type: ignore[method-assign]
            await self.accept()

        @event_handler
        async def notify(self, event: Notify) -> Said:
            return Said(payload=event.payload)

    async with connected(Wrapping.as_asgi()) as client:
        await client.ask("say", "x")
        await hub_for(Wrapping.get_channel_layer()).broadcast(["wrapping"], '{"n": 1}')
        assert await client.message() == {"n": 1}
        await Wrapping.broadcast_event(Notify(payload=2))
        assert (await client.message())["payload"] == 2
    assert Wrapping.sent == ["websocket.accept", *["websocket.send"] * 3]


# Channel layer messages of other code


async def test_layer_message_of_other_code_calls_the_method_its_type_names() -> None:
    class Foreign(Echo):
        groups = ["foreign"]

        async def chat_message(self, event: Any) -> None:
            await self.send_json({"text": event["text"]})

    async with connected(Foreign.as_asgi()) as client:
        await Foreign.get_channel_layer().group_send("foreign", {"type": "chat.message", "text": "hi"})
        assert await client.message() == {"text": "hi"}


@pytest.mark.parametrize("kind", ["close", "disconnect", "send", "_handle", "encode.json", "as_asgi", "nobody.knows"])
async def test_unknown_layer_message_is_logged_once_and_calls_nothing(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Foreign(Echo):
        groups = ["unknown"]

    async with connected(Foreign.as_asgi()) as one, connected(Foreign.as_asgi()) as two:
        for _ in range(3):
            await Foreign.get_channel_layer().group_send("unknown", {"type": kind})
        assert (await one.ask("say", "x"))["payload"] == "x"
        assert (await two.ask("say", "x"))["payload"] == "x"
        await one.silence()
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert kind in warnings[0].getMessage()


async def test_event_that_is_not_valid_is_logged_and_the_connection_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    class Strict(Echo):
        groups = ["strict"]

        @event_handler
        async def counted(self, event: Count) -> Said:
            return Said(payload=event.payload)

    async with connected(Strict.as_asgi()) as client:
        wrong = {"action": "count", "payload": "many"}
        await hub_for(Strict.get_channel_layer()).broadcast_event(["strict"], wrong)
        await Strict.broadcast_event(Count(payload=1))
        assert (await client.message())["payload"] == 1
    assert "failed to handle" in caplog.text


# Settings


async def test_class_attributes_go_before_the_projects_settings_and_may_change_between_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Configured(Echo):
        @classmethod
        def runtime_settings(cls) -> RuntimeSettings:
            return RuntimeSettings(send_completion=True)

    async with connected(Configured.as_asgi()) as client:
        await client.ask("say", "x")
        assert (await client.message())["action"] == "complete"
    monkeypatch.setattr(Configured, "send_completion", False)
    async with connected(Configured.as_asgi()) as client:
        await client.ask("say", "x")
        await client.silence(0.01)


@pytest.mark.parametrize(
    "attributes",
    [
        {"max_outbox": "many"},
        {"max_outbox_bytes": 1.5},
        {"max_waiting_events_bytes": "1 MiB"},
        {"full_outbox": "wait"},
        {"send_completion": "yes"},
        {"max_depth": -1},
        {"log_ignored_actions": "ping"},
    ],
)
def test_setting_of_the_wrong_kind_is_named(attributes: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(attributes))):
        type("Wrong", (Echo,), attributes)


def test_a_setting_of_the_process_is_no_classs_own() -> None:
    with pytest.raises(TypeError) as raised:
        type("Wrong", (Echo,), {"max_process_outbox_bytes": 1})
    assert str(raised.value).endswith(
        ":Wrong.max_process_outbox_bytes is 1, and this is a setting of the whole process; write "
        "CHANSPEC = {'MAX_PROCESS_OUTBOX_BYTES': …} in Django's settings, or configure(max_process_outbox_bytes=…)"
    )


def test_an_authenticator_that_is_none_is_an_error_at_class_definition() -> None:
    with pytest.raises(TypeError, match=r"authenticator_class is .*dict.*; write a class derived from"):
        type("Wrong", (Echo,), {"authenticator_class": dict})


def test_passthrough_events_that_are_no_list_are_an_error_at_class_definition() -> None:
    with pytest.raises(TypeError, match=r"passthrough_events is .*; write a list of message classes"):
        type("Wrong", (Echo,), {"passthrough_events": Said})


def test_a_consumer_that_is_routed_without_as_asgi_says_so() -> None:
    with pytest.raises(TypeError, match=r"route Echo\.as_asgi\(\), not Echo"):
        Echo({"type": "websocket"}, None, None)


async def test_messages_that_refer_to_a_class_defined_later_work() -> None:
    class Tree(BaseMessage):
        action: Literal["tree"] = "tree"
        payload: Node

    class Growing(Consumer[Any]):
        @ws_handler
        async def tree(self, message: Tree) -> Said:
            return Said(payload=len(message.payload.children))

    class Node(BaseMessage):
        children: list[Node] = []

    Tree.model_rebuild(_types_namespace={"Node": Node})
    async with connected(Growing.as_asgi()) as client:
        assert (await client.ask("tree", {"children": [{"children": []}, {}]}))["payload"] == 2


class Care:
    """A framework's care that records, and waits every other time."""

    is_needed = True

    def __init__(self) -> None:
        self.log: list[str] = []

    def before(self) -> Any:
        self.log.append("before")
        return None if len(self.log) % 3 else asyncio.sleep(0)

    def after(self) -> Any:
        self.log.append("after")
        return None if len(self.log) % 2 else asyncio.sleep(0)


async def test_care_that_a_project_does_not_need_is_not_taken() -> None:
    class Unneeded(Care):
        is_needed = False

    class Cared(Echo):
        handler_care = Unneeded()

    async with connected(Cared.as_asgi()) as client:
        await client.ask("say", "x")
    assert Cared.handler_care.log == []


async def test_care_is_taken_around_every_handler_and_hook() -> None:
    care = Care()

    class Cared(Echo):
        groups = ["cared"]
        handler_care = care

        async def connect(self) -> None:
            care.log.append("connect")
            await self.accept()

        @ws_handler
        async def say(self, message: Say) -> Said:
            care.log.append("say")
            if message.payload == "boom":
                raise ValueError
            return Said(payload=message.payload)

        @event_handler
        async def notify(self, event: Notify) -> Said:
            care.log.append("notify")
            return Said(payload=event.payload)

        async def post_authentication(self) -> None:
            care.log.append("post")

        async def disconnect(self, code: int) -> None:
            care.log.append("disconnect")

    async with connected(Cared.as_asgi()) as client:
        await client.ask("say", "x")
        await client.ask("say", "boom")
        await Cared.broadcast_event(Notify(payload=1))
        await client.message()
    for what in ("connect", "post", "say", "notify", "disconnect"):
        at = care.log.index(what)
        assert care.log[at - 1] == "before", (what, care.log)
        assert care.log[at + 1] == "after", (what, care.log)
    assert care.log.count("before") == care.log.count("after"), care.log


async def test_ping_is_answered() -> None:
    class Pinged(Consumer[Any]):
        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    async with connected(Pinged.as_asgi()) as client:
        assert await client.ask("ping") == {"action": "pong", "payload": None}
        await eventually(client.outbox.empty)
