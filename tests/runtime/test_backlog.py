"""What waits in outboxes is counted as what is really held, whatever happened to them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import weakref
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chanspec.runtime.outbox import Disconnected, Outbox, OutboxFull, _Broadcast, backlog_of, push_all
from chanspec.runtime.settings import CHOICES, RuntimeSettings

LIMIT = 20_000
TURNS = 6  # of the loop: no send, task or cancellation here takes more


class Text(str):
    """A text that tells when nobody holds it any more."""

    __slots__ = ("__weakref__",)


class Client:
    """A client that may stall, and its connection's outbox."""

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: RuntimeSettings) -> None:
        self.readable = asyncio.Event()
        self.readable.set()
        self.waits_in_middleware = False
        self.gone = False
        self.in_flight: int | None = None
        self.got: list[int] = []
        self.failures: list[BaseException] = []
        self.settings = settings
        self.handlers: list[asyncio.Task[None]] = []
        self.outbox = Outbox(self.send, loop, settings, self.failures.append)

    async def send(self, frame: Any) -> None:
        self.in_flight = frame["number"]
        try:
            if self.waits_in_middleware:
                await asyncio.sleep(0)
            await self.readable.wait()
            if self.gone:
                raise OSError("gone")
            self.got.append(frame["number"])
        finally:
            self.in_flight = None

    async def answer(self, frame: Any) -> None:
        with contextlib.suppress(Disconnected):
            await self.outbox.send(frame)


CONNECTION = {
    "full": st.sampled_from(CHOICES["full_outbox"]),
    "frames": st.integers(0, 6),
    "size": st.sampled_from([0, 1000, 5000, 10**6]),
    "released": st.booleans(),
    "stalled": st.booleans(),
}


class Outboxes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.backlog = backlog_of(self.loop)
        self.clients: list[Client] = []
        self.texts: list[weakref.ref[Text]] = []
        self.number = 0
        self.broadcasts: set[int] = set()
        self.answers: set[int] = set()
        self.most_in_flight = 0  # to clients that are never closed

    def on_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def frame(self, size: int) -> dict[str, Any]:
        self.number += 1
        text = Text("x" * size)
        self.texts.append(weakref.ref(text))
        return {"type": "websocket.send", "text": text, "number": self.number}

    def client(self, data: st.DataObject) -> Client:
        return data.draw(st.sampled_from(self.clients))

    @initialize(several=st.lists(st.fixed_dictionaries(CONNECTION), min_size=2, max_size=6))
    def connect_several(self, several: list[dict[str, Any]]) -> None:
        for each in several:
            self.connect(**each)

    @precondition(lambda self: len(self.clients) < 8)
    @rule(each=st.fixed_dictionaries(CONNECTION))
    def connect_one(self, each: dict[str, Any]) -> None:
        self.connect(**each)

    def connect(self, full: str, frames: int, size: int, released: bool, stalled: bool) -> None:
        settings = RuntimeSettings(
            max_outbox=frames, max_outbox_bytes=size, max_process_outbox_bytes=LIMIT, full_outbox=full
        )
        client = Client(self.loop, settings)
        self.clients.append(client)
        if released:
            client.outbox.release()
        if stalled:
            client.readable.clear()

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), size=st.sampled_from([0, 10, 900, 4000, 30_000]), times=st.integers(1, 4))
    def broadcast(self, data: st.DataObject, size: int, times: int) -> None:
        members = data.draw(st.lists(st.sampled_from(self.clients), unique=True, min_size=1))

        async def push() -> None:
            for _ in range(times):
                frame = self.frame(size)
                self.broadcasts.add(frame["number"])
                push_all([client.outbox for client in members], frame)

        self.on_loop(push())

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), size=st.integers(0, 5000))
    def answer(self, data: st.DataObject, size: int) -> None:
        client = self.client(data)

        async def answer() -> None:
            frame = self.frame(size)
            self.answers.add(frame["number"])
            client.handlers.append(asyncio.create_task(client.answer(frame)))
            await asyncio.sleep(0)

        self.on_loop(answer())

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def give_up_answering(self, data: st.DataObject) -> None:
        client = self.client(data)
        if client.handlers:
            client.handlers.pop(data.draw(st.integers(0, len(client.handlers) - 1))).cancel()

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), what=st.sampled_from(["stall", "resume", "release", "middleware", "close", "vanish"]))
    def happen(self, data: st.DataObject, what: str) -> None:
        client = self.client(data)

        async def happen() -> None:
            if what == "stall":
                client.readable.clear()
            elif what == "resume":
                client.readable.set()
            elif what == "release":
                client.outbox.release()
            elif what == "middleware":
                client.waits_in_middleware = not client.waits_in_middleware
            elif what == "close":
                client.outbox.close()
            elif what == "vanish":
                client.gone = True
                client.readable.set()

        self.on_loop(happen())

    @rule(times=st.integers(1, TURNS))
    def turn(self, times: int) -> None:
        async def turn() -> None:
            for _ in range(times):
                await asyncio.sleep(0)

        self.on_loop(turn())

    @invariant()
    def what_is_counted_is_what_is_held(self) -> None:
        held: list[_Broadcast] = []
        for client in self.clients:
            queue = client.outbox._queue
            if queue is None:
                continue
            waiting = [each for each in queue.entries if isinstance(each, _Broadcast)]
            assert queue.bytes == sum(each.size for each in waiting)
            held += waiting
            if queue.sending is not None:
                # What the server has not taken, or has taken just now and the outbox was not told yet.
                assert client.in_flight == queue.sending.frame["number"] or client.in_flight is None
                held.append(queue.sending)
        shared = {id(each): each for each in held}
        assert self.backlog.bytes == sum(sys.getsizeof(each.frame["text"]) for each in shared.values())
        assert {id(each) for each in self.backlog._broadcasts.values()} == shared.keys()
        for each in shared.values():
            assert each.holders == held.count(each)
        assert {id(queue) for queue in self.backlog.queues} == {
            id(client.outbox._queue) for client in self.clients if client.outbox._queue is not None
        }

    @invariant()
    def no_more_waits_than_may(self) -> None:
        for client in self.clients:
            queue = client.outbox._queue
            if queue is None:
                continue
            broadcasts = queue.count_broadcasts()
            assert broadcasts <= 1 or queue.bytes <= client.settings.max_outbox_bytes
            assert broadcasts <= max(client.settings.max_outbox, 1)
        in_flight = {
            id(queue.sending): queue.sending.size
            for client in self.clients
            if (queue := client.outbox._queue) is not None
            and queue.sending is not None
            and client.settings.full_outbox != "close"
        }
        self.most_in_flight = max(self.most_in_flight, sum(in_flight.values()))
        assert self.backlog.bytes <= max(LIMIT, self.most_in_flight + LIMIT // 8)

    @invariant()
    def clients_get_in_order_what_they_get_and_are_closed_for_a_reason(self) -> None:
        for client in self.clients:
            for kind in (self.broadcasts, self.answers):  # an answer may pass broadcasts that are not released yet
                got = [number for number in client.got if number in kind]
                assert got == sorted(got)
            assert len(client.failures) <= 1
            full = any(isinstance(failure, OutboxFull) for failure in client.failures)
            assert client.outbox.closed or not client.failures
            assert client.settings.full_outbox == "close" or not full

    def teardown(self) -> None:
        async def end() -> None:
            for client in self.clients:
                await client.outbox.finish(None, 20)
            for client in self.clients:
                client.readable.set()
            for _ in range(TURNS):
                await asyncio.sleep(0)

        self.on_loop(end())
        assert self.backlog.bytes == 0
        assert not self.backlog.queues
        assert not self.backlog._broadcasts
        assert all(task.done() for client in self.clients for task in client.handlers)
        assert not asyncio.all_tasks(self.loop)
        self.loop.close()
        for client in self.clients:  # which hypothesis holds; and tracebacks hold what was being sent
            client.failures.clear()
            client.handlers.clear()
        gc.collect()
        assert not [text for text in self.texts if text() is not None]


TestOutboxes = Outboxes.TestCase
TestOutboxes.settings = hypothesis_settings(max_examples=40, stateful_step_count=30, deadline=None)
