"""``settled``: it waits for all that a connection caused, and for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer as PlainConsumer
from channels.generic.websocket import JsonWebsocketConsumer as PlainSyncConsumer
from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.test import override_settings

from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.layers import InMemoryChannelLayer, forget_layers, get_layer, register_layer
from chanspec.testing import NotSettledError, WebsocketCommunicator, quiet, settling
from chanspec.testing.settling import work_left
from tests.redis import RedisServer
from tests.testing.chat import CHATS, Done, Heard, Hold, HoldBeside, InThread, Said, Say, Tell, Text, Told, Whisper

WAIT = 20.0


async def is_held(awaitable: Awaitable[None]) -> asyncio.Future[None]:
    """The task of a ``settled`` that has looked what is under way, and goes on waiting."""
    looked = asyncio.Event()

    def look(*arguments: Any) -> list[str]:
        left = work_left(*arguments)
        looked.set()
        return left

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settling, "work_left", look)
        task = asyncio.ensure_future(awaitable)
        seen = asyncio.ensure_future(looked.wait())
        await asyncio.wait([task, seen], return_when=asyncio.FIRST_COMPLETED, timeout=WAIT)
    assert seen.done()
    assert not task.done(), "it has settled too early"
    return task


async def received(communicator: WebsocketCommunicator) -> list[Any]:
    """What has come; nothing is waited for."""
    found = []
    while not await communicator.receive_nothing(timeout=0):
        found.append(await communicator.receive_message(timeout=0))
    return found


async def test_all_frames_are_handled(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as communicator:
        for _ in range(50):
            await communicator.send_message(PingMessage())
        await communicator.settled()
        assert await received(communicator) == [PongMessage()] * 50


async def test_a_handler_that_waits_is_waited_for(consumer: Any, hold: Any) -> None:
    gate = hold("slow")
    async with WebsocketCommunicator(consumer, "/") as communicator:
        await communicator.send_message(Hold(payload="slow"))
        await communicator.send_message(PingMessage())
        waiting = await is_held(communicator.settled())
        gate.set()
        await waiting
        assert await received(communicator) == [Done(payload="slow"), PongMessage()]


async def test_concurrent_handlers_are_waited_for(consumer: Any, hold: Any) -> None:
    gates = [hold("one"), hold("two")]
    async with WebsocketCommunicator(consumer, "/") as communicator:
        await communicator.send_message(HoldBeside(payload="one"))
        await communicator.send_message(HoldBeside(payload="two"))
        waiting = await is_held(communicator.settled())
        gates[1].set()
        assert await communicator.receive_message(timeout=WAIT) == Done(payload="two")
        assert not waiting.done()
        gates[0].set()
        await waiting
        assert await received(communicator) == [Done(payload="one")]


async def test_a_broadcast_has_reached_the_others(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        await one.send_message(Say(payload=Text(text="hi")))
        await one.settled()
        assert await received(other) == [Said(payload=Text(text="hi"))]


async def test_an_event_that_it_caused_was_handled_by_the_others(consumer: Any, hold: Any) -> None:
    gate = hold("news")
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        await one.send_message(Tell(payload="news"))
        waiting = await is_held(one.settled())
        gate.set()
        await waiting
        assert await received(other) == [Heard(payload="news")]
        assert await received(one) == [Heard(payload="news")]


async def test_an_event_from_elsewhere_is_waited_for(consumer: Any, hold: Any) -> None:
    gate = hold("news")
    async with WebsocketCommunicator(consumer, "/") as communicator:
        await consumer.broadcast_event(Told(payload="news"))
        waiting = await is_held(communicator.settled())
        gate.set()
        await waiting
        assert await received(communicator) == [Heard(payload="news")]


async def test_what_a_handler_does_in_a_thread_is_waited_for(consumer: Any, hold: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        await one.send_message(InThread(payload="threaded"))
        await one.settled()
        assert await received(other) == [Heard(payload="threaded")]
        assert sorted(each.action for each in await received(one)) == ["done", "heard"]


async def test_another_connections_own_handler_is_not_waited_for(consumer: Any, hold: Any) -> None:
    gate = hold("never")
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        await other.send_message(Hold(payload="never"))
        await one.send_message(Say(payload=Text(text="hi")))
        await one.settled()
        assert await received(other) == [Said(payload=Text(text="hi"))]
        gate.set()


async def test_several_may_settle_at_once(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        for communicator in (one, other):
            await communicator.send_message(Tell(payload="both"))
        await asyncio.gather(*(each.settled() for each in (one, other, one, other)))
        assert await received(one) == [Heard(payload="both")] * 2


async def test_post_authentication_is_waited_for(consumer: Any, hold: Any) -> None:
    gate = hold("begin")

    class Slow(consumer):  # type: ignore[misc,valid-type]
        async def post_authentication(self) -> None:
            await gate.wait()
            await self.send_message(PongMessage())

    async with WebsocketCommunicator(Slow, "/") as communicator:
        waiting = await is_held(communicator.settled())
        gate.set()
        await waiting
        assert await received(communicator) == [PongMessage()]


async def test_a_slow_send_is_waited_for(consumer: Any) -> None:
    writable = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        async def send_when_writable(frame: Any) -> None:
            if frame["type"] == "websocket.send":
                await writable.wait()
            await send(frame)

        await consumer.as_asgi()(scope, receive, send_when_writable)

    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(slow, "/") as other:
        await one.send_message(Say(payload=Text(text="hi")))
        waiting = await is_held(one.settled())
        writable.set()
        await waiting
        assert await received(other) == [Said(payload=Text(text="hi"))]


async def test_what_is_still_under_way_is_said_when_the_time_is_over(consumer: Any, hold: Any) -> None:
    gate = hold("never")
    async with WebsocketCommunicator(consumer, "/ws/") as communicator:
        await communicator.send_message(Hold(payload="never"))
        with pytest.raises(NotSettledError, match=r"/ws/: not settled within 0.05 s:\n  .*Chat is handling a message"):
            await communicator.settled(timeout=0.05)
        gate.set()


async def test_an_ended_connection_has_settled(consumer: Any) -> None:
    communicator = WebsocketCommunicator(consumer, "/")
    await communicator.connect()
    await communicator.send_message(PingMessage())
    await communicator.disconnect()
    await communicator.settled()


async def test_something_that_never_rests_in_the_loop_does_not_hold_it_up_for_ever(consumer: Any) -> None:
    async def spin() -> None:
        while True:  # noqa: ASYNC110 - it is to be ready all the time
            await asyncio.sleep(0)

    spinning = asyncio.ensure_future(spin())
    async with WebsocketCommunicator(consumer, "/") as communicator:
        await communicator.send_message(PingMessage())
        await communicator.settled()
        assert await received(communicator) == [PongMessage()]
    spinning.cancel()
    await asyncio.wait([spinning])


class Remote:
    """A layer outside this process, as far as anybody can see: what is sent comes when the test lets it."""

    def __init__(self) -> None:
        inner = self.inner = InMemoryChannelLayer()
        for name in ("send", "new_channel", "group_add", "group_discard", "group_send"):
            setattr(self, name, getattr(inner, name))
        self.delivers = asyncio.Event()

    async def receive(self, channel: str) -> dict[str, Any]:
        message = await self.inner.receive(channel)
        await self.delivers.wait()
        return message


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    layer = register_layer("default", Remote())
    layer.delivers.set()
    yield layer
    forget_layers()


@pytest.mark.parametrize("kind", ["broadcast", "event", "event to one"])
async def test_what_is_on_its_way_over_a_layer_outside_this_process_is_waited_for(remote: Remote, kind: str) -> None:
    consumer = CHATS["starlette"]
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        name = other._watch.connection.channel_name  # type: ignore[union-attr]
        for _ in range(2):
            messages = {"broadcast": Say(payload=Text(text="hi")), "event": Tell(payload="hi")}
            remote.delivers.clear()
            await one.send_message(messages.get(kind, Whisper(payload=name)))
            waiting = await is_held(one.settled())
            remote.delivers.set()
            await waiting
            assert len(await received(other)) == 1


@pytest.fixture(params=["queue", "pubsub"])
async def redis_layer(request: pytest.FixtureRequest, shared_redis: RedisServer) -> AsyncIterator[Any]:
    made: Any = {"queue": RedisChannelLayer, "pubsub": RedisPubSubChannelLayer}[request.param](hosts=[shared_redis.url])
    register_layer("default", made)
    before = asyncio.all_tasks()
    yield made
    forget_layers()
    await (made.close_pools() if request.param == "queue" else made.flush())
    own = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in own:  # of redis-py
        task.cancel()
    if own:
        await asyncio.wait(own)


async def test_on_redis_all_members_have_dealt_with_it(redis_layer: Any) -> None:
    consumer = CHATS["starlette"]
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        name = other._watch.connection.channel_name  # type: ignore[union-attr]
        for number in range(5):
            await one.send_message(Say(payload=Text(text=str(number))))
            await one.settled()
            assert await received(other) == [Said(payload=Text(text=str(number)))]
            await one.send_message(Tell(payload=str(number)))
            await one.settled()
            assert await received(other) == [Heard(payload=str(number))]
            await one.send_message(Whisper(payload=name))
            await one.settled()
            assert await received(other) == [Heard(payload="whispered")]


async def test_events_to_one_connection_are_followed_only_while_a_test_watches(remote: Remote) -> None:
    from chanspec.runtime.hub import Hub, hub_for

    assert not Hub.is_watched
    async with WebsocketCommunicator(CHATS["starlette"], "/"):
        assert Hub.is_watched
        hub = hub_for(get_layer())
        assert not hub.awaited
    assert not Hub.is_watched


class Plain(PlainConsumer):
    """One of Channels' own, with a handler for frames and one for the layer's messages."""

    groups = ["plain"]
    gates: dict[str, asyncio.Event] = {}

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if "gate" in content:
            await self.gates[content["gate"]].wait()
        if "tell" in content:
            assert self.channel_layer is not None
            await self.channel_layer.group_send("plain", {"type": "told", "text": content["tell"]})
        await self.send_json({"done": True})

    async def told(self, event: Any) -> None:
        if event["text"] in self.gates:
            await self.gates[event["text"]].wait()
        await self.send_json({"told": event["text"]})


class Outsider(Plain):
    """Sends to the group without being in it."""

    groups: list[str] = []


@pytest.fixture
def gates() -> Any:
    yield Plain.gates
    Plain.gates.clear()


@pytest.mark.django_db  # Channels' own consumers close the old database connections of the thread before each frame
class TestChannelsOwnConsumers:
    @pytest.fixture(autouse=True)
    def helpers(self) -> None:
        import chanspec.channels.testing  # noqa: F401

    async def test_frames_are_handled(self, gates: Any) -> None:
        gate = gates["slow"] = asyncio.Event()
        async with WebsocketCommunicator(Plain, "/") as communicator:
            await communicator.send_json_to({"gate": "slow"})
            await communicator.send_json_to({})
            waiting = await is_held(communicator.settled())
            gate.set()
            await waiting
            assert await communicator.receive_all_json(timeout=0) == [{"done": True}] * 2

    async def test_messages_of_the_layer_are_handled_by_all(self, gates: Any) -> None:
        gate = gates["news"] = asyncio.Event()
        async with WebsocketCommunicator(Outsider, "/") as one, WebsocketCommunicator(Plain, "/") as other:
            await one.send_json_to({"tell": "news"})
            await one.send_json_to({"tell": "more"})
            waiting = await is_held(one.settled())
            gate.set()
            await waiting
            assert await other.receive_all_json(timeout=0) == [{"told": "news"}, {"told": "more"}]

    async def test_a_message_that_waits_behind_a_frame_is_waited_for(self, gates: Any) -> None:
        gate = gates["busy"] = asyncio.Event()
        async with WebsocketCommunicator(Outsider, "/") as one, WebsocketCommunicator(Plain, "/") as other:
            await other.send_json_to({"gate": "busy"})
            await one.send_json_to({"tell": "news"})
            waiting = await is_held(one.settled())
            gate.set()
            await waiting
            assert await other.receive_all_json(timeout=0) == [{"done": True}, {"told": "news"}]

    async def test_a_message_that_is_handled_while_a_frame_waits_is_waited_for(self, gates: Any) -> None:
        gate = gates["news"] = asyncio.Event()
        async with WebsocketCommunicator(Outsider, "/") as one, WebsocketCommunicator(Plain, "/") as other:
            await one.send_json_to({"tell": "news"})
            assert await one.receive_json_from(timeout=WAIT) == {"done": True}
            await other.send_json_to({})
            waiting = await is_held(one.settled())
            gate.set()
            await waiting
            assert (await other.receive_json_from(timeout=0)) == {"told": "news"}

    async def test_anothers_own_frame_is_not_waited_for(self, gates: Any) -> None:
        gate = gates["busy"] = asyncio.Event()
        async with WebsocketCommunicator(Plain, "/") as one, WebsocketCommunicator(Plain, "/") as other:
            await other.send_json_to({"gate": "busy"})
            await one.send_json_to({})
            await one.settled()
            assert await one.receive_all_json(timeout=0) == [{"done": True}]
            gate.set()

    async def test_behind_middleware_and_on_chanspecs_layer(self, gates: Any) -> None:
        from channels.routing import ProtocolTypeRouter, URLRouter
        from channels.security.websocket import OriginValidator
        from django.urls import path

        router = URLRouter([path("ws/", Plain.as_asgi())])
        app = ProtocolTypeRouter({"websocket": OriginValidator(router, ["*"])})
        gate = gates["news"] = asyncio.Event()
        headers = [(b"origin", b"http://testserver")]
        layers = {"default": {"BACKEND": "chanspec.runtime.memory.InMemoryChannelLayer"}}
        with override_settings(CHANNEL_LAYERS=layers):
            assert isinstance(get_channel_layer(), InMemoryChannelLayer)
            async with (
                WebsocketCommunicator(app, "/ws/", headers) as one,
                WebsocketCommunicator(app, "/ws/", headers) as other,
            ):
                await one.send_json_to({"tell": "news"})
                waiting = await is_held(one.settled())
                gate.set()
                await waiting
                assert await other.receive_all_json(timeout=0) == [{"told": "news"}]

    async def test_sync_consumers(self) -> None:
        class Sync(PlainSyncConsumer):
            def receive_json(self, content: Any, **kwargs: Any) -> None:
                self.send_json(content)

        async with WebsocketCommunicator(Sync, "/") as communicator:
            for number in range(5):
                await communicator.send_json_to(number)
            await communicator.settled()
            assert await communicator.receive_all_json(timeout=0) == list(range(5))


async def test_any_other_application_has_settled_when_it_waits_again(hold: Any) -> None:
    gate = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] == "websocket.receive":
            await gate.wait()
            await send({"type": "websocket.send", "text": "1"})

    async with WebsocketCommunicator(app, "/") as communicator:
        await communicator.send_to("a")
        await communicator.send_to("b")
        waiting = await is_held(communicator.settled())
        gate.set()
        await waiting
        assert await communicator.receive_all_json(timeout=0) == [1, 1]


async def test_on_loops_that_do_not_tell_what_is_ready(consumer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "ready_of", lambda loop: None)
    async with WebsocketCommunicator(consumer, "/") as one, WebsocketCommunicator(consumer, "/") as other:
        await one.send_message(Tell(payload="news"))
        await one.settled()
        assert await received(other) == [Heard(payload="news")]


async def test_what_is_ready_in_other_tasks_of_any_application_is_done() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        queue: asyncio.Queue[Any] = asyncio.Queue()

        async def work() -> None:
            while True:
                frame = await queue.get()
                for _ in range(500):
                    await asyncio.sleep(0)
                await send({"type": "websocket.send", "text": frame["text"]})

        working = asyncio.ensure_future(work())
        while (frame := await receive())["type"] == "websocket.receive":
            queue.put_nowait(frame)
        working.cancel()

    async with WebsocketCommunicator(app, "/") as communicator:
        for number in range(5):
            await communicator.send_to(str(number))
        await communicator.settled()
        answers = [frame["text"] for frame in communicator._transport.frames]  # looked at, not waited for
        assert answers == [str(number) for number in range(5)]
