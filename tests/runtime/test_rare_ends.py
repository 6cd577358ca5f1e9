"""What seldom happens to a connection: servers and clients that fail at an awkward moment, and calls in vain."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from chanspec.decorators import ws_handler
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.hub import hub_for
from chanspec.runtime.outbox import Disconnected, Outbox
from chanspec.runtime.settings import RuntimeSettings

from .driver import Client, connected, eventually
from .messages import Count, Said, Say


class Talks(Consumer[Any]):
    """Does what a test tells it."""

    groups = ("all",)

    def __init__(self, log: list[Any]) -> None:
        self.log = log

    async def wait(self) -> None:
        self.log.append("waiting")
        await asyncio.sleep(60)

    @ws_handler
    async def say(self, message: Say) -> Said | None:
        match message.payload:
            case "wait":
                await self.wait()
            case "close":
                await self.close(4000)
                await self.close(4001)
                self.log.append("closed")
            case "nothing":
                await self.send()
            case "bytes":
                await self.send(bytes_data=b"\x00", close=4002)
        return Said(payload=message.payload)

    async def disconnect(self, code: int) -> None:
        self.log.append(code)


class Broken(Client):
    """A client whose server fails to receive, or to send, when the test says so."""

    receiving: Exception | None = None
    sending: Exception | None = None

    async def _receive(self) -> dict[str, Any]:
        frame = await super()._receive()
        if self.receiving is not None:
            raise self.receiving
        return frame

    async def _send(self, frame: dict[str, Any]) -> None:
        if self.sending is not None:
            raise self.sending
        await super()._send(frame)


@pytest.fixture
def log() -> list[Any]:
    return []


async def test_a_server_that_cannot_receive_behind_a_waiting_handler_ends_the_connection(
    log: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = Broken(Talks.as_asgi(log=log))
    await client.open()
    client.say("say", "wait")
    await eventually(lambda: log == ["waiting"])
    client.receiving = ValueError("the server is broken")
    client.say("say", "next")
    await client.ended()
    assert log == ["waiting", 1006]
    assert "cannot receive" in caplog.text
    assert "the server is broken" in caplog.text


@pytest.mark.parametrize(
    ("error", "level"), [(ValueError("no such frame"), logging.ERROR), (OSError("gone"), logging.DEBUG)]
)
async def test_a_broadcast_that_a_server_cannot_send_ends_that_connection_alone(
    log: list[Any], caplog: pytest.LogCaptureFixture, error: Exception, level: int
) -> None:
    caplog.set_level(logging.DEBUG, "chanspec")
    client = Broken(Talks.as_asgi(log=log))
    await client.open()
    async with connected(Talks.as_asgi(log=[])) as other:
        client.sending = error
        await hub_for(Talks.get_channel_layer()).broadcast("all", '{"action": "said"}')
        assert await other.message() == {"action": "said"}
        await client.ended()
    assert log == [1006]
    [record] = [each for each in caplog.records if "send" in each.message or "sent" in each.message]
    assert record.levelno == level


async def test_closing_twice_closes_once_and_nothing_more_is_said(log: list[Any]) -> None:
    client = Client(Talks.as_asgi(log=log))
    await client.open()
    client.say("say", "close")
    assert await client.frame() == {"type": "websocket.close", "code": 4000}
    await client.ended()
    assert client.outbox.empty()
    assert log == ["closed", 4000]


async def test_closing_for_a_client_that_is_gone_is_no_failure(
    log: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = Broken(Talks.as_asgi(log=log))
    await client.open()
    client.sending = OSError("gone")
    client.say("say", "close")
    await client.ended()
    assert log == ["closed", 4000]
    assert "Traceback" not in caplog.text


async def test_bytes_may_be_sent_and_a_frame_of_nothing_is_the_handlers_mistake(
    log: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(Talks.as_asgi(log=log))
    await client.open()
    assert (await client.ask("say", "nothing"))["action"] == "error"
    assert "send() takes text_data or bytes_data" in caplog.text
    client.say("say", "bytes")
    assert await client.frame() == {"type": "websocket.send", "bytes": b"\x00"}
    assert await client.frame() == {"type": "websocket.close", "code": 4002}
    await client.ended()


async def test_a_cancellation_beside_a_disconnect_is_the_servers_and_is_raised(log: list[Any]) -> None:
    class Slow(Talks):
        async def disconnect(self, code: int) -> None:
            self.log.append("going")
            await asyncio.sleep(60)

    client = Client(Slow.as_asgi(log=log))
    await client.open()
    client.say("say", "wait")
    await eventually(lambda: log == ["waiting"])
    client.leave()
    await eventually(lambda: log[-1] == "going")
    assert client.task is not None
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.ended()


async def test_a_frame_before_the_connection_is_accepted_is_the_applications_mistake() -> None:
    async def send(frame: Any) -> None:
        raise RuntimeError("Expected ASGI message 'websocket.accept'")

    outbox = Outbox(send, asyncio.get_running_loop(), RuntimeSettings(), lambda error: None)
    with pytest.raises(RuntimeError, match=r"websocket\.accept"):
        await outbox.send({"type": "websocket.send", "text": ""})
    await outbox.finish(None, 1)


async def test_a_client_that_vanishes_while_senders_take_turns_fails_each_of_them() -> None:
    go = asyncio.Event()

    async def send(frame: Any) -> None:
        await go.wait()
        if frame["n"] > 0:
            raise OSError("gone")

    outbox = Outbox(send, asyncio.get_running_loop(), RuntimeSettings(), lambda error: None)
    outbox.release()
    outbox.push({"n": 0})
    turns = [asyncio.create_task(outbox.send({"n": n})) for n in (1, 2)]
    await asyncio.sleep(0)
    go.set()
    ends = await asyncio.gather(*turns, return_exceptions=True)
    assert [type(each) for each in ends] == [Disconnected, Disconnected]
    assert outbox.closed
    await outbox.finish(None, 1)


async def test_a_sender_that_is_cancelled_while_its_frame_is_sent_does_not_stop_the_others() -> None:
    sent: list[Any] = []
    queued, under_way, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send(frame: Any) -> None:
        if frame["n"] == 0:
            await queued.wait()
        elif frame["n"] == 1:
            under_way.set()
            await go.wait()
        sent.append(frame["n"])

    outbox = Outbox(send, asyncio.get_running_loop(), RuntimeSettings(), lambda error: None)
    outbox.release()
    outbox.push({"n": 0})
    first, second = (asyncio.create_task(outbox.send({"n": n})) for n in (1, 2))
    await asyncio.sleep(0)  # both begin, and wait for their turn
    queued.set()
    await under_way.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go.set()
    await second
    assert sent == [0, 1, 2]
    await outbox.finish(None, 1)


@pytest.mark.parametrize("code", [1000, 4000])
async def test_a_close_code_that_no_server_would_take_otherwise_is_not_tried_twice(code: int) -> None:
    tried: list[Any] = []

    async def send(frame: Any) -> None:
        tried.append(frame["code"])
        raise TypeError("no")

    outbox = Outbox(send, asyncio.get_running_loop(), RuntimeSettings(), lambda error: None)
    with pytest.raises(TypeError, match="no"):
        await outbox.send_close({"type": "websocket.close", "code": code})
    assert tried == [code]
    await outbox.finish(None, 1)


async def test_without_a_channel_layer_what_needs_one_says_so() -> None:
    class Alone(Consumer[Any]):
        @classmethod
        def get_channel_layer(cls) -> Any:
            return None

        @ws_handler
        async def say(self, message: Say) -> Said:
            with pytest.raises(RuntimeError, match=r"Alone has no channel layer to reach others by; configure one"):
                await self.broadcast_message(Said(payload=1), groups="all")
            with pytest.raises(RuntimeError, match="Alone has no channel layer"):
                await type(self).broadcast_event(Said(payload=1), groups="all")  # type: ignore[arg-type]
            return Said(payload=self.channel_layer)

    async with connected(Alone.as_asgi()) as client:
        assert await client.ask("say", "x") == {"action": "said", "payload": None}


async def test_a_channels_style_event_method_that_fails_is_logged_and_the_connection_goes_on(
    log: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Hears(Talks):
        async def news_came(self, event: Any) -> None:
            self.log.append(event["n"])
            if event["n"] == 1:
                raise LookupError("no such news")
            await self.send(text_data=str(event["n"]))

    client = Broken(Hears.as_asgi(log=log))
    await client.open()
    layer = Hears.get_channel_layer()
    for n in (1, 2):
        await layer.group_send("all", {"type": "news.came", "n": n})
    assert (await client.frame())["text"] == "2"
    assert "no such news" in caplog.text
    caplog.clear()
    client.sending = OSError("gone")
    await layer.group_send("all", {"type": "news.came", "n": 3})
    await client.ended()
    assert log == [1, 2, 3, 1006]
    assert "Traceback" not in caplog.text


class Failed(BaseException):
    """As what test frameworks fail with: no Exception, so that code under test does not catch it."""


class Breaks(Talks):
    """Raises what no ``except Exception`` catches."""

    def __init__(self, log: list[Any], where: str, error: type[BaseException]) -> None:
        super().__init__(log)
        self.where, self.error = where, error

    def fail(self, where: str) -> None:
        if where == self.where:
            raise self.error

    async def connect(self) -> None:
        self.fail("connect")
        await super().connect()

    async def post_authentication(self) -> None:
        self.fail("post_authentication")

    @ws_handler
    async def say(self, message: Say) -> Said | None:
        self.fail("handler")
        await asyncio.sleep(0)
        self.fail("handler that waited")
        if self.where == "disconnect":
            await self.close(4000)
        return None

    @ws_handler(concurrent=True)
    async def count(self, message: Count) -> None:
        self.fail("concurrent handler")

    async def news_came(self, event: Any) -> None:
        self.fail("event")

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        self.fail("disconnect")


@pytest.mark.parametrize("error", [GeneratorExit, Failed])
@pytest.mark.parametrize(
    "where",
    ["connect", "post_authentication", "handler", "handler that waited", "concurrent handler", "event", "disconnect"],
)
async def test_what_is_no_exception_ends_the_connection_in_order_too(
    log: list[Any], where: str, error: type[BaseException]
) -> None:
    async with connected(Talks.as_asgi(log=[])) as other:
        client = Client(Breaks.as_asgi(log=log, where=where, error=error))
        client.start()
        client.say("count" if where == "concurrent handler" else "say", 1 if where == "concurrent handler" else "x")
        hub = hub_for(Talks.get_channel_layer())
        if where == "event":
            await client.frame()
            await hub.layer.group_send("all", {"type": "news.came"})
        in_a_task_of_its_own = where in ("concurrent handler", "event")  # where it is logged
        if in_a_task_of_its_own:
            await client.ended()
        else:
            # Not awaited itself: a GeneratorExit would be thrown into this test, which closes whatever waits in it.
            assert client.task is not None
            await asyncio.wait([client.task], timeout=20)
            assert type(client.task.exception()) is error
        assert log == [4000 if where == "disconnect" else 1011]
        assert len(hub.members) == 1
        assert len(hub.subscriptions["all"].members) == 1
        await hub.broadcast("all", '{"action": "said"}')
        assert await other.message() == {"action": "said"}


def test_a_connection_that_its_loop_left_behind_is_closed_without_a_word(
    log: list[Any], recwarn: pytest.WarningsRecorder
) -> None:
    closed: list[Any] = []

    class Left(Talks):
        async def wait(self) -> None:
            try:
                await super().wait()
            finally:
                closed.append("handler")

    async def open_and_leave() -> Any:
        client = Client(Left.as_asgi(log=log))
        await client.open()
        client.say("say", "wait")
        await eventually(lambda: log == ["waiting"])
        return client.task

    loop = asyncio.new_event_loop()
    task = loop.run_until_complete(open_and_leave())
    task.get_coro().close()  # as the garbage collector does; it raises if the coroutine awaits something all the same
    for each in asyncio.all_tasks(loop):
        each.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    with pytest.raises(RuntimeError, match="already awaited"):  # asyncio's own word for a task without a coroutine
        loop.run_until_complete(task)
    loop.close()
    assert closed == ["handler"]
    assert not recwarn.list


@pytest.mark.parametrize("connects", [False, True])
async def test_disconnect_follows_only_what_the_consumer_was_told_of(log: list[Any], connects: bool) -> None:
    class Slow(BaseAuthenticator):
        async def authenticate(self) -> bool:
            await asyncio.sleep(0)
            return True

    class Leaves(Talks):
        authenticator_class = Slow

        async def post_authentication(self) -> None:
            self.log.append("post_authentication")

    class Connects(Leaves):
        async def connect(self) -> None:
            self.log.append("connect")
            await super().connect()

    client = Broken((Connects if connects else Leaves).as_asgi(log=log))
    client.sending = OSError("gone")  # it left while it was authenticated
    client.start()
    await client.ended()
    assert log == (["connect", 1006] if connects else [])
