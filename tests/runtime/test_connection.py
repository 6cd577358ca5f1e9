"""The loop of a connection: order, disconnects, what overlaps, what is left afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.events import bytes_of
from chanspec.runtime.hub import hub_for

from .driver import Client, connected, eventually
from .messages import Count, Notify, Said, Say


async def test_messages_are_handled_in_order_when_the_first_is_slow() -> None:
    class Slow(Consumer[Any]):
        @ws_handler
        async def say(self, message: Say) -> Said:
            await asyncio.sleep(0.02 if message.payload == "slow" else 0)
            return Said(payload=message.payload)

    async with connected(Slow.as_asgi()) as client:
        for text in ("slow", "a", "b", "slow", "c"):
            client.say("say", text)
        assert [(await client.message())["payload"] for _ in range(5)] == ["slow", "a", "b", "slow", "c"]


async def test_handlers_that_do_not_suspend_cost_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(Echo.as_asgi()) as client:
        await client.ask("say", "warm")
        before, made = asyncio.all_tasks(), []
        loop = asyncio.get_running_loop()
        create_task = loop.create_task
        monkeypatch.setattr(loop, "create_task", lambda *a, **k: made.append(a) or create_task(*a, **k))
        for _ in range(50):
            client.say("say", "x")
        for _ in range(50):
            while client.outbox.empty():  # noqa: ASYNC110 - no task may be made here
                await asyncio.sleep(0)
            client.outbox.get_nowait()
        monkeypatch.undo()
        assert made == []
        assert asyncio.all_tasks() == before


class Echo(Consumer[Any]):
    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)


class Waiting(Consumer[Any]):
    """Records what becomes of a handler that waits."""

    def __init__(self, log: list[Any]) -> None:
        self.log = log

    @ws_handler
    async def say(self, message: Say) -> None:
        self.log.append(f"started {message.payload}")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.log.append(f"cancelled {message.payload}")
            raise

    @ws_handler(concurrent=True)
    async def count(self, message: Count) -> Said:
        self.log.append(f"counting {message.payload}")
        try:
            await asyncio.sleep(message.payload / 1000)
        except asyncio.CancelledError:
            self.log.append(f"cancelled {message.payload}")
            raise
        return Said(payload=message.payload)

    @event_handler
    async def notify(self, event: Notify) -> Said:
        return Said(payload=event.payload)

    async def disconnect(self, code: int) -> None:
        self.log.append(f"disconnected {code}")


async def test_disconnect_cancels_the_running_handler_at_once_and_then_runs_the_hook() -> None:
    log: list[Any] = []
    client = Client(Waiting.as_asgi(log=log))
    await client.open()
    client.say("say", "one")
    await eventually(lambda: log == ["started one"])
    await client.disconnect(4000)
    assert log == ["started one", "cancelled one", "disconnected 4000"]


async def test_disconnect_is_noticed_behind_frames_that_wait() -> None:
    log: list[Any] = []
    client = Client(Waiting.as_asgi(log=log))
    await client.open()
    for n in range(10):
        client.say("say", str(n))
    await eventually(lambda: bool(log))
    await client.disconnect()
    assert log == ["started 0", "cancelled 0", "disconnected 1001"]


async def test_no_more_frames_are_read_ahead_than_may_wait() -> None:
    class Few(Waiting):
        max_waiting_frames = 3

    log: list[Any] = []
    client = Client(Few.as_asgi(log=log))
    await client.open()
    for n in range(10):
        client.say("say", str(n))
    await eventually(lambda: client.received_by_app >= 4)
    await client.silence(0.02)
    assert client.received_by_app == 4  # the one being handled, and three
    assert client.task is not None
    client.task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await client.task
    assert log[-1].startswith("disconnected")


async def test_every_frame_that_was_read_ahead_is_handled() -> None:
    class Few(Echo):
        max_waiting_frames = 2

        @ws_handler
        async def say(self, message: Say) -> Said:
            await asyncio.sleep(0.001)
            return Said(payload=message.payload)

    async with connected(Few.as_asgi()) as client:
        for n in range(30):
            client.say("say", str(n))
        assert [(await client.message())["payload"] for _ in range(30)] == [str(n) for n in range(30)]
        assert (await client.ask("say", "last"))["payload"] == "last"


async def test_cancelling_the_servers_task_cancels_the_handler_and_runs_the_hook() -> None:
    log: list[Any] = []
    client = Client(Waiting.as_asgi(log=log))
    await client.open()
    client.say("say", "one")
    await eventually(lambda: bool(log))
    assert client.task is not None
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.ended()
    assert log == ["started one", "cancelled one", "disconnected 1006"]


async def test_task_is_not_left_marked_as_cancelled_after_a_disconnect() -> None:
    log: list[Any] = []
    counts: list[int] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        async with asyncio.timeout(60), asyncio.TaskGroup():
            await Waiting.as_asgi(log=log)(scope, receive, send)
        task = asyncio.current_task()
        assert task is not None
        counts.append(task.cancelling())

    client = Client(server)
    await client.open()
    client.say("say", "one")
    await eventually(lambda: bool(log))
    await client.disconnect()
    assert counts == [0]


async def test_handler_that_swallows_its_cancellation_ends_the_connection_all_the_same() -> None:
    class Stubborn(Consumer[Any]):
        @ws_handler
        async def say(self, message: Say) -> Said:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            return Said(payload="too late")

    client = Client(Stubborn.as_asgi())
    await client.open()
    client.say("say", "x")
    await asyncio.sleep(0.01)
    await client.disconnect()
    assert client.outbox.empty()


async def test_timeouts_and_task_groups_work_inside_handlers() -> None:
    class Structured(Consumer[Any]):
        @ws_handler
        async def say(self, message: Say) -> Said:
            results = []
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(60)
            except TimeoutError:
                results.append("timed out")
            async with asyncio.TaskGroup() as group:
                first = group.create_task(asyncio.sleep(0.001, "first"))
                second = group.create_task(asyncio.sleep(0, "second"))
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_fail())
                    await asyncio.sleep(60)
            except* ValueError:
                results.append("failed")
            return Said(payload=[*results, first.result(), second.result()])

    async with connected(Structured.as_asgi()) as client:
        expected = ["timed out", "failed", "first", "second"]
        assert (await client.ask("say", "x"))["payload"] == expected
        assert (await client.ask("say", "x"))["payload"] == expected


async def _fail() -> None:
    await asyncio.sleep(0)
    raise ValueError


async def test_concurrent_handlers_overlap() -> None:
    async with connected(Waiting.as_asgi(log=[])) as client:
        client.say("count", 60_000)
        client.say("count", 1)
        assert (await client.message())["payload"] == 1


async def test_concurrent_handlers_are_bounded() -> None:
    class Two(Waiting):
        max_concurrent = 2

    log: list[Any] = []
    async with connected(Two.as_asgi(log=log)) as client:
        for n in (60_000, 60_001, 1):
            client.say("count", n)
        await eventually(lambda: len(log) == 2)
        await client.silence(0.02)
        assert log == ["counting 60000", "counting 60001"]


async def test_a_concurrent_handler_that_ends_makes_room_for_the_next() -> None:
    class Two(Waiting):
        max_concurrent = 2

    log: list[Any] = []
    async with connected(Two.as_asgi(log=log)) as client:
        for n in (60_000, 1, 2, 3):
            client.say("count", n)
        assert [(await client.message())["payload"] for _ in range(3)] == [1, 2, 3]
        assert log == ["counting 60000", "counting 1", "counting 2", "counting 3"]


async def test_disconnect_cancels_concurrent_handlers_also_while_all_are_taken() -> None:
    class Two(Waiting):
        max_concurrent = 2

    log: list[Any] = []
    client = Client(Two.as_asgi(log=log))
    await client.open()
    for n in (60_000, 60_001, 60_002):
        client.say("count", n)
    await eventually(lambda: len(log) == 2)
    await asyncio.sleep(0.005)
    await client.disconnect()
    assert sorted(log[2:4]) == ["cancelled 60000", "cancelled 60001"]
    assert log[4:] == ["disconnected 1001"]


async def test_no_handler_starts_after_another_closed_the_connection() -> None:
    class One(Consumer[Any]):
        max_concurrent = 1
        log: list[int] = []

        @ws_handler(concurrent=True)
        async def count(self, message: Count) -> None:
            self.log.append(message.payload)
            await asyncio.sleep(0.01)
            await self.close()

    client = Client(One.as_asgi())
    await client.open()
    client.say("count", 1)
    client.say("count", 2)
    assert (await client.frame())["type"] == "websocket.close"
    await client.ended()
    assert One.log == [1]


async def test_channel_event_is_handled_while_a_message_handler_waits() -> None:
    class InGroup(Waiting):
        groups = ["events"]

    log: list[Any] = []
    async with connected(InGroup.as_asgi(log=log)) as client:
        client.say("say", "long")
        await eventually(lambda: bool(log))
        await InGroup.broadcast_event(Notify(payload=1))
        assert (await client.message())["payload"] == 1


async def test_channel_events_are_handled_one_at_a_time_in_order() -> None:
    running: list[int] = []

    class Ordered(Consumer[Any]):
        groups = ["ordered"]

        @event_handler
        async def notify(self, event: Notify) -> Said:
            running.append(1)
            assert len(running) == 1
            await asyncio.sleep(0.002 if event.payload % 2 else 0)
            running.pop()
            return Said(payload=event.payload)

    async with connected(Ordered.as_asgi()) as client:
        for n in range(10):
            await Ordered.broadcast_event(Notify(payload=n))
        assert [(await client.message())["payload"] for _ in range(10)] == list(range(10))


async def test_too_many_channel_events_close_the_connection() -> None:
    class Overrun(Consumer[Any]):
        groups = ["overrun"]
        max_waiting_events = 3

        @event_handler
        async def notify(self, event: Notify) -> None:
            await asyncio.sleep(60)

    async with connected(Overrun.as_asgi()) as client:
        for n in range(6):
            await Overrun.broadcast_event(Notify(payload=n))
        assert await client.frame() == {"type": "websocket.close", "code": 1013}
        await client.ended()


async def test_channel_events_that_are_too_large_together_close_the_connection() -> None:
    class Overrun(Consumer[Any]):
        groups = ["overrun-bytes"]
        max_waiting_events_bytes = 100_000

        @event_handler
        async def notify(self, event: Notify) -> None:
            await asyncio.sleep(60)

    large = {"handler": "notify", "payload": {"text": ["x" * 60_000]}}
    hub = hub_for(Overrun.get_channel_layer())
    async with connected(Overrun.as_asgi()) as client:
        for _ in range(3):  # one is handled, the first that waits may have any size, and this is the third
            await hub.broadcast_event("overrun-bytes", large)
            await asyncio.sleep(0)
        assert client.outbox.empty()
        await hub.broadcast_event("overrun-bytes", large)
        assert await client.frame() == {"type": "websocket.close", "code": 1013}
        await client.ended()


async def test_broadcasts_to_a_consumer_that_overrides_send_are_bounded_in_bytes_too() -> None:
    class Slow(Consumer[Any]):
        groups = ["slow-send"]
        max_waiting_events_bytes = 1000
        go = asyncio.Event()

        async def send(self, text_data: Any = None, bytes_data: Any = None, close: Any = False) -> None:
            await self.go.wait()
            await super().send(text_data, bytes_data, close)

    hub = hub_for(Slow.get_channel_layer())
    async with connected(Slow.as_asgi()) as client:
        await hub.broadcast("slow-send", "x" * 50_000)
        await asyncio.sleep(0)
        await hub.broadcast("slow-send", "y" * 50_000)
        Slow.go.set()
        assert [(await client.frame())["text"][0] for _ in range(2)] == ["x", "y"]
        Slow.go.clear()
        await hub.broadcast("slow-send", "x" * 50_000)
        await asyncio.sleep(0)
        for _ in range(2):
            await hub.broadcast("slow-send", "y" * 900)
        assert await client.frame() == {"type": "websocket.close", "code": 1013}
        await client.ended()


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    enough=st.integers(0, 2000),
)
def test_an_event_is_about_as_large_as_it_is_in_memory_and_is_measured_no_further_than_needed(
    value: Any, enough: int
) -> None:
    whole = bytes_of(value, 10**9)
    assert whole >= len(json.dumps(value, ensure_ascii=False)) / 4
    assert (bytes_of(value, enough) > enough) == (whole > enough)


def test_an_event_that_contains_itself_is_larger_than_any_bound() -> None:
    event: dict[str, Any] = {"type": "x"}
    event["self"] = [event]
    assert bytes_of(event, 100_000) > 100_000


async def test_generator_sends_each_message_as_it_is_yielded() -> None:
    go = asyncio.Event()

    class Streaming(Consumer[Any]):
        @ws_handler
        async def say(self, message: Say) -> AsyncIterator[Said]:
            yield Said(payload=1)
            await go.wait()
            yield Said(payload=2)

    async with connected(Streaming.as_asgi()) as client:
        assert (await client.ask("say", "x"))["payload"] == 1
        await client.silence(0.01)
        go.set()
        assert (await client.message())["payload"] == 2


@pytest.mark.parametrize("where", ["in the generator", "in the send"])
async def test_generator_is_closed_on_disconnect(where: str) -> None:
    log: list[str] = []

    class Streaming(Consumer[Any]):
        @ws_handler
        async def say(self, message: Say) -> AsyncIterator[Said]:
            try:
                while True:
                    yield Said(payload="x" * 10)
                    await asyncio.sleep(0.001 if where == "in the generator" else 0)
            finally:
                await asyncio.sleep(0)
                log.append("closed")

        async def disconnect(self, code: int) -> None:
            log.append("disconnected")

    client = Client(Streaming.as_asgi())
    await client.open()
    client.say("say", "x")
    await client.message()
    if where == "in the send":
        client.writable.clear()
        await asyncio.sleep(0.005)
    await client.disconnect()
    assert log == ["closed", "disconnected"]


async def test_lists_tuples_unions_and_none_are_sent_as_they_are_returned() -> None:
    class Several(Consumer[Any]):
        @ws_handler
        async def say(self, message: Say) -> list[Said | PongMessage] | Said | None:
            many: Any = {
                "list": [Said(payload=1), PongMessage()],
                "tuple": (Said(payload=2), Said(payload=3)),
                "none": None,
                "one": Said(payload=4),
            }
            return many[message.payload]

    async with connected(Several.as_asgi()) as client:
        for name in ("list", "none", "tuple", "one"):
            client.say("say", name)
        answers = [await client.message() for _ in range(5)]
        assert [each["payload"] for each in answers] == [1, None, 2, 3, 4]
        assert answers[1]["action"] == "pong"
        await client.silence(0.01)


async def test_messages_go_out_together_when_the_handler_ends_if_asked_to() -> None:
    go = asyncio.Event()

    class Together(Consumer[Any]):
        send_message_immediately = False

        @ws_handler
        async def say(self, message: Say) -> Said:
            await self.send_message(Said(payload=1))
            await self.send_json({"action": "raw"})
            await go.wait()
            if message.payload == "boom":
                raise ValueError
            return Said(payload=2)

        @ws_handler(concurrent=True)
        async def count(self, message: Count) -> Said:
            await self.send_message(Said(payload="a"))
            await asyncio.sleep(0.01)
            return Said(payload="b")

    async with connected(Together.as_asgi()) as client:
        client.say("count", 1)
        client.say("say", "x")
        assert [(await client.message())["payload"] for _ in range(2)] == ["a", "b"]
        await client.silence(0.01)
        go.set()
        assert [(await client.message()).get("payload") for _ in range(3)] == [1, None, 2]
        client.say("say", "boom")
        assert [(await client.message())["action"] for _ in range(3)] == ["said", "raw", "error"]


async def test_completion_follows_what_was_handled() -> None:
    class Completing(Consumer[Any]):
        groups = ["completing"]
        send_completion = True

        @ws_handler
        async def say(self, message: Say) -> Said | None:
            if message.payload == "boom":
                raise ValueError
            if message.payload == "all":
                await self.broadcast_message(Said(payload="all"))
                return None
            return Said(payload=message.payload)

        @event_handler
        async def notify(self, event: Notify) -> Said:
            return Said(payload=event.payload)

    async with connected(Completing.as_asgi()) as client:

        async def actions(count: int) -> list[str]:
            return [(await client.message())["action"] for _ in range(count)]

        client.say("say", "x")
        assert await actions(2) == ["said", "complete"]
        client.say("say", "boom")
        assert await actions(2) == ["error", "complete"]
        client.say("unknown")
        assert await actions(2) == ["error", "complete"]
        client.say("say", "all")
        assert await actions(3) == ["said", "group_complete", "complete"]
        await Completing.broadcast_event(Notify(payload=1))
        assert await actions(2) == ["said", "event_complete"]


async def test_slow_reader_is_closed_and_the_others_are_not_delayed() -> None:
    class Room(Echo):
        groups = ["room"]
        max_outbox = 5
        close_timeout = 0.05

    async with connected(Room.as_asgi()) as healthy:
        slow = Client(Room.as_asgi())
        await slow.open()
        slow.writable.clear()
        layer_sender = Said(payload="x")
        for n in range(20):
            await hub_for(Room.get_channel_layer()).broadcast(["room"], layer_sender.model_dump_json())
            assert (await healthy.message())["payload"] == "x", n
        await slow.ended()
        assert slow.outbox.empty(), "the close frame was tried for a bounded time"
        assert (await healthy.ask("say", "still there"))["payload"] == "still there"


async def test_slow_reader_that_resumes_sees_the_code() -> None:
    class Room(Echo):
        groups = ["resuming"]
        max_outbox = 2

        @ws_handler
        async def count(self, message: Count) -> None:
            for _ in range(message.payload):
                await self.broadcast_message(Said(payload="x"))

    async with connected(Room.as_asgi()) as sender:
        slow = Client(Room.as_asgi())
        await slow.open()
        slow.writable.clear()
        sender.say("count", 10)
        await asyncio.sleep(0.02)
        slow.writable.set()
        frames = []
        while not frames or frames[-1]["type"] != "websocket.close":
            frames.append(await slow.frame())
        assert frames[-1]["code"] == 1013
        await slow.ended()


async def test_slow_reader_of_a_class_that_drops_stays_and_gets_the_latest() -> None:
    class Ticker(Echo):
        groups = ["ticker"]
        max_outbox = 3
        full_outbox = "drop_oldest"

    hub = hub_for(Ticker.get_channel_layer())
    async with connected(Ticker.as_asgi()) as healthy, connected(Ticker.as_asgi()) as slow:
        slow.writable.clear()
        for n in range(50):
            await hub.broadcast(["ticker"], Said(payload=n).model_dump_json())
            assert (await healthy.message())["payload"] == n
        slow.writable.set()
        assert [(await slow.message())["payload"] for _ in range(4)] == [0, 47, 48, 49]
        assert (await slow.ask("say", "still here"))["payload"] == "still here"


async def test_broadcaster_that_is_stalled_itself_is_closed() -> None:
    class Room(Consumer[Any]):
        groups = ["self"]
        max_outbox = 2
        close_timeout = 0.02

        @ws_handler
        async def count(self, message: Count) -> None:
            for _ in range(message.payload):
                await self.broadcast_message(Said(payload="x"))

    client = Client(Room.as_asgi())
    await client.open()
    client.writable.clear()
    client.say("count", 10)
    await client.ended()


async def test_handler_whose_own_broadcast_finds_its_client_gone_runs_on() -> None:
    log: list[Any] = []

    class Room(Consumer[Any]):
        groups = ["own-broadcast"]

        @ws_handler
        async def say(self, message: Say) -> None:
            await self.broadcast_message(Said(payload="x"))
            log.append("went on")

        async def disconnect(self, code: int) -> None:
            await asyncio.sleep(0)
            log.append("disconnected")

    client = Client(Room.as_asgi())
    await client.open()
    client.gone = True
    client.say("say", "x")
    await client.ended()  # and not by being cancelled
    assert log == ["went on", "disconnected"]


async def test_clients_that_vanish_while_being_answered_leave_one_debug_line_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Room(Echo):
        groups = ["vanishing"]
        log_websocket_message = False

        @ws_handler
        async def say(self, message: Say) -> Said:
            await asyncio.sleep(0)
            return Said(payload=message.payload)

    caplog.set_level(logging.DEBUG, logger="chanspec")
    clients = [Client(Room.as_asgi()) for _ in range(50)]
    for client in clients:
        await client.open()
    for client in clients:
        for _ in range(5):
            client.say("say", "x")
        client.gone = True  # before its disconnect is known
    for client in clients:
        await client.ended()
    gc.collect()
    await asyncio.sleep(0)
    lines = [record for record in caplog.records if record.name == "chanspec" and record.levelno >= logging.DEBUG]
    ours = [record for record in lines if "left" in record.getMessage()]
    assert len(ours) == 50
    assert not [record for record in lines if record.levelno > logging.DEBUG], lines


async def test_nothing_is_left_after_many_connections() -> None:
    class Room(Echo):
        groups = ["many"]

        @event_handler
        async def notify(self, event: Notify) -> Said:
            return Said(payload=event.payload)

    before = asyncio.all_tasks()
    for _ in range(200):
        client = Client(Room.as_asgi())
        await client.open()
        client.say("say", "x")
        await client.message()
        await Room.broadcast_event(Notify(payload=1))
        await client.disconnect()
    await eventually(lambda: asyncio.all_tasks() == before)
    gc.collect()
    assert sum(type(each) is Room for each in gc.get_objects()) == 0


async def test_failing_receive_is_logged_and_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    log: list[Any] = []
    app = Waiting.as_asgi(log=log)
    sent: list[Any] = []
    frames: list[Any] = [{"type": "websocket.connect"}]

    async def receive() -> Any:
        if frames:
            return frames.pop(0)
        raise ValueError("the server is broken")

    async def send(frame: Any) -> None:
        sent.append(frame)

    await app({"type": "websocket", "headers": []}, receive, send)
    assert sent[-1] == {"type": "websocket.close", "code": 1011}
    assert log == ["disconnected 1011"]
    assert "the server is broken" in caplog.text


async def test_message_class_with_a_validator_that_returns_a_subclass_is_routed() -> None:
    from typing import Literal

    from pydantic import model_validator

    class Base(BaseMessage):
        action: Literal["base"] = "base"

        @model_validator(mode="wrap")
        @classmethod
        def special(cls, value: Any, handler: Any) -> Any:
            handler(value)
            return Special.model_construct()

    class Special(Base):
        pass

    class Routing(Consumer[Any]):
        @ws_handler
        async def base(self, message: Base) -> Said:
            return Said(payload=type(message).__name__)

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    async with connected(Routing.as_asgi()) as client:
        assert (await client.ask("base"))["payload"] == "Special"
