"""A connection's sending side, under servers and middleware of every kind."""

from __future__ import annotations

import asyncio
import contextvars
import tracemalloc
from typing import Any

import anyio
import pytest

from chanspec.runtime.outbox import Backlog, Disconnected, Outbox, backlog_of, push_all
from chanspec.runtime.settings import RuntimeSettings

from .driver import eventually


class Server:
    """An ASGI send that waits while its client does not read."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.readable = asyncio.Event()
        self.readable.set()
        self.tasks: list[Any] = []

    async def send(self, frame: Any) -> None:
        self.tasks.append(asyncio.current_task())
        if not self.readable.is_set():
            await self.readable.wait()
            self.tasks.append(asyncio.current_task())
        self.sent.append(frame)


def make(send: Any, limit: int = 10, **settings: Any) -> tuple[Outbox, list[BaseException]]:
    failures: list[BaseException] = []
    told = RuntimeSettings(max_outbox=limit, **settings)
    outbox = Outbox(send, asyncio.get_running_loop(), told, failures.append)
    outbox.release()
    return outbox, failures


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_push_sends_at_once_when_the_server_does_not_wait() -> None:
    server = Server()
    outbox, failures = make(server.send)
    outbox.push({"n": 1})
    outbox.push({"n": 2})
    assert server.sent == [{"n": 1}, {"n": 2}]
    await outbox.finish(None, 1)
    assert not failures


async def test_push_to_a_slow_client_returns_and_keeps_the_order() -> None:
    server = Server()
    server.readable.clear()
    outbox, _ = make(server.send)
    for n in range(5):
        outbox.push({"n": n})
    own = asyncio.create_task(outbox.send({"n": 5}))
    await settle()
    assert server.sent == []
    assert not own.done()
    server.readable.set()
    await own
    assert [frame["n"] for frame in server.sent] == [0, 1, 2, 3, 4, 5]
    outbox.push({"n": 6})
    assert server.sent[-1] == {"n": 6}, "an outbox that caught up steps again"
    await outbox.finish(None, 1)


async def test_push_while_a_handler_sends_waits_behind_it() -> None:
    server = Server()
    server.readable.clear()
    outbox, _ = make(server.send)
    own = asyncio.create_task(outbox.send({"n": 0}))
    await settle()
    outbox.push({"n": 1})
    server.readable.set()
    await own
    await settle()
    assert server.sent == [{"n": 0}, {"n": 1}]
    await outbox.finish(None, 1)


async def test_one_task_begins_and_finishes_a_send_that_suspends() -> None:
    server = Server()
    outbox, _ = make(server.send)
    outbox.push({"n": 0})
    server.readable.clear()
    outbox.push({"n": 1})
    server.readable.set()
    await settle()
    at_once, begun, finished = server.tasks
    assert begun is finished
    assert asyncio.current_task() not in (at_once, begun)
    assert None not in (at_once, begun)
    await outbox.finish(None, 1)


async def test_push_from_a_callback_runs_in_a_task_too() -> None:
    server = Server()
    outbox, _ = make(server.send)
    asyncio.get_running_loop().call_soon(outbox.push, {"n": 0})
    await settle()
    assert server.sent == [{"n": 0}]
    assert server.tasks[0] is not None
    await outbox.finish(None, 1)


async def test_full_outbox_is_dropped_and_reported_once() -> None:
    server = Server()
    server.readable.clear()
    outbox, failures = make(server.send, limit=3)
    waiting = asyncio.create_task(outbox.send({"n": 0}))
    await settle()
    turn = asyncio.create_task(outbox.send({"n": 1}))
    await settle()
    for n in range(10):
        outbox.push({"n": n})
    assert [str(failure) for failure in failures] == ["frames (max_outbox = 3)"]
    with pytest.raises(Disconnected):
        await turn
    with pytest.raises(Disconnected):
        await outbox.send({})
    waiting.cancel()
    await asyncio.wait([waiting])
    server.readable.set()
    await outbox.finish({"close": 1013}, 1)
    assert server.sent == [{"close": 1013}]


async def test_close_frame_to_a_client_that_never_reads_is_given_up() -> None:
    server = Server()
    server.readable.clear()
    outbox, _ = make(server.send)
    outbox.push({"n": 0})
    await settle()
    await asyncio.wait_for(outbox.finish({"close": 1013}, 0.05), 20)
    assert server.sent == []


async def test_a_send_that_is_cancelled_while_it_waits_leaves_nothing_behind() -> None:
    server = Server()
    server.readable.clear()
    outbox, _ = make(server.send, limit=3)
    outbox.push({"n": 0})
    for _ in range(10):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(outbox.send({"n": "late"}), 0.001)
    outbox.push({"n": 1})
    server.readable.set()
    await settle()
    assert server.sent == [{"n": 0}, {"n": 1}]
    await outbox.finish(None, 1)


@pytest.mark.parametrize("error", [OSError("gone"), RuntimeError("after sending 'websocket.close'")])
async def test_vanished_client_fails_a_handlers_send_as_disconnected(error: Exception) -> None:
    async def send(frame: Any) -> None:
        raise error

    outbox, failures = make(send)
    with pytest.raises(Disconnected):
        await outbox.send({})
    assert outbox.closed
    assert failures == [], "who sends is told by the exception"


@pytest.mark.parametrize("waits", [False, True])
async def test_vanished_client_fails_a_push_without_raising(waits: bool) -> None:
    async def send(frame: Any) -> None:
        if waits:
            await asyncio.sleep(0)
        raise OSError("gone")

    outbox, failures = make(send)
    outbox.push({})
    outbox.push({})
    await settle()
    assert [type(failure) for failure in failures] == [OSError]
    await outbox.finish(None, 1)


async def test_frame_that_the_server_cannot_send_is_the_senders_mistake() -> None:
    async def send(frame: Any) -> None:
        await asyncio.sleep(0)
        if "text" not in frame:
            raise KeyError("text")

    outbox, failures = make(send)
    with pytest.raises(KeyError):
        await outbox.send({})
    outbox.push({"text": ""})
    with pytest.raises(KeyError):  # the same in its turn
        await outbox.send({})
    await outbox.send({"text": ""})
    assert not failures
    await outbox.finish(None, 1)


def asyncio_timeout(send: Any, seconds: float) -> Any:
    async def wrapped(frame: Any) -> None:
        async with asyncio.timeout(seconds):
            await send(frame)

    return wrapped


def anyio_timeout(send: Any, seconds: float) -> Any:
    async def wrapped(frame: Any) -> None:
        with anyio.fail_after(seconds):
            await send(frame)

    return wrapped


def task_group(send: Any, seconds: float) -> Any:
    async def limit() -> None:
        await asyncio.sleep(seconds)
        raise TimeoutError

    async def wrapped(frame: Any) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(limit())
                await group.create_task(send(frame))
                watch.cancel()
        except* TimeoutError:
            raise TimeoutError from None

    return wrapped


MIDDLEWARE = [asyncio_timeout, anyio_timeout, task_group]


@pytest.mark.parametrize("middleware", MIDDLEWARE)
async def test_middleware_with_timeouts_sends_in_order_while_the_client_reads(middleware: Any) -> None:
    server = Server()
    outbox, failures = make(middleware(server.send, 60))
    for n in range(3):
        outbox.push({"n": n})
    await outbox.send({"n": 3})
    server.readable.clear()
    for n in range(4, 7):
        outbox.push({"n": n})
    await settle()
    server.readable.set()
    await outbox.send({"n": 7})
    assert [frame["n"] for frame in server.sent] == list(range(8))
    assert not failures
    me = asyncio.current_task()
    assert me is not None
    assert me.cancelling() == 0
    await outbox.finish(None, 1)


@pytest.mark.parametrize("middleware", MIDDLEWARE)
@pytest.mark.parametrize("seconds", [0, 0.01])
@pytest.mark.parametrize("pushed_before", [False, True])
async def test_time_out_in_middleware_ends_the_connection_and_not_the_broadcaster(
    middleware: Any, seconds: float, pushed_before: bool
) -> None:
    server = Server()
    limits = [seconds]

    async def send(frame: Any) -> None:
        await middleware(server.send, limits[-1])(frame)

    outbox, failures = make(send)
    if pushed_before:  # so that the carrier is there and waits
        limits.append(60)
        outbox.push({"n": -1})
        await settle()
        limits.pop()
    server.readable.clear()
    outbox.push({"n": 0})
    outbox.push({"n": 1})
    await eventually(lambda: bool(failures))
    await settle()
    assert [type(failure) for failure in failures] == [TimeoutError]
    assert outbox.closed
    me = asyncio.current_task()
    assert me is not None
    assert me.cancelling() == 0
    await outbox.finish(None, 1)


@pytest.mark.parametrize("middleware", MIDDLEWARE)
async def test_closing_cancels_a_send_inside_middleware(middleware: Any) -> None:
    server = Server()
    server.readable.clear()
    outbox, failures = make(middleware(server.send, 60))
    outbox.push({"n": 0})
    await settle()
    before = asyncio.all_tasks()
    await asyncio.wait_for(outbox.finish(None, 1), 20)
    await settle()
    assert len(asyncio.all_tasks() & before) == 1, "only the test's own task is left"
    assert not failures


async def test_context_variables_set_in_middleware_can_be_reset_after_it_waited() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)
    server = Server()

    async def send(frame: Any) -> None:
        token = variable.set(frame["n"])
        try:
            await server.send(frame)
            assert variable.get() == frame["n"]
        finally:
            variable.reset(token)

    outbox, failures = make(send)
    outbox.push({"n": 1})
    server.readable.clear()
    outbox.push({"n": 2})
    await settle()
    server.readable.set()
    await settle()
    assert len(server.sent) == 2
    assert not failures
    assert variable.get() == 0
    await outbox.finish(None, 1)


async def test_send_that_is_no_coroutine_function_is_awaited_all_the_same() -> None:
    sent: list[Any] = []
    loop = asyncio.get_running_loop()

    def send(frame: Any) -> asyncio.Future[None]:
        future = loop.create_future()
        loop.call_soon(lambda: (sent.append(frame), future.set_result(None)))
        return future

    outbox, failures = make(send)
    outbox.push({"n": 1})
    await outbox.send({"n": 2})
    assert sent == [{"n": 1}, {"n": 2}]
    assert not failures
    await outbox.finish(None, 1)


async def test_broadcasts_before_the_release_wait_and_the_connections_own_frames_do_not() -> None:
    server = Server()
    outbox = Outbox(server.send, asyncio.get_running_loop(), RuntimeSettings(), lambda error: None)
    outbox.push({"n": 1})
    await outbox.send({"n": 0})
    assert server.sent == [{"n": 0}]
    outbox.release()
    await settle()
    assert server.sent == [{"n": 0}, {"n": 1}]
    await outbox.finish(None, 1)


async def test_idle_outbox_holds_neither_task_nor_queue() -> None:
    before = asyncio.all_tasks()
    server = Server()
    outbox, _ = make(server.send)
    await outbox.send({"n": 0})
    assert asyncio.all_tasks() == before
    await outbox.finish(None, 1)


# How much may wait, in bytes


def text(kilobytes: int) -> dict[str, Any]:
    return {"type": "websocket.send", "text": "x" * 1000 * kilobytes}


def sizes(server: Server) -> list[int]:
    return [len(frame["text"]) // 1000 for frame in server.sent]


async def test_broadcasts_that_are_too_large_together_close_the_connection_and_name_the_setting() -> None:
    server = Server()
    server.readable.clear()
    outbox, failures = make(server.send, max_outbox_bytes=10_000)
    outbox.push(text(5))  # is being sent, and does not wait behind anything
    outbox.push(text(5))
    outbox.push(text(4))
    assert not failures
    outbox.push(text(4))
    assert [str(failure) for failure in failures] == ["bytes (max_outbox_bytes = 10,000)"]
    assert backlog_of(asyncio.get_running_loop()).bytes == 0
    await outbox.finish(None, 1)


@pytest.mark.parametrize("full", ["close", "drop_oldest", "drop_newest"])
async def test_a_frame_larger_than_the_limit_reaches_a_client_that_is_busy_for_a_moment(full: str) -> None:
    server = Server()
    server.readable.clear()
    outbox, failures = make(server.send, max_outbox_bytes=1000, full_outbox=full)
    outbox.push(text(50))
    outbox.push(text(70))
    server.readable.set()
    await settle()
    assert sizes(server) == [50, 70]
    assert not failures
    await outbox.finish(None, 1)


@pytest.mark.parametrize(
    ("full", "got"), [("drop_oldest", [1, 2, 7]), ("drop_newest", [1, 3, 4, 2])], ids=["oldest", "newest"]
)
async def test_as_many_broadcasts_are_dropped_as_are_too_large(full: str, got: list[int]) -> None:
    server = Server()
    server.readable.clear()
    outbox, failures = make(server.send, max_outbox_bytes=10_000, full_outbox=full)
    for kilobytes in (1, 3, 4, 2, 7):
        outbox.push(text(kilobytes))
    server.readable.set()
    await settle()
    assert sizes(server) == got
    assert not failures
    await outbox.finish(None, 1)


async def test_a_text_counts_as_it_stands_in_memory() -> None:
    server = Server()
    server.readable.clear()
    outbox, _ = make(server.send, max_outbox_bytes=100_000)
    backlog = backlog_of(asyncio.get_running_loop())
    counted = []
    for letter in ("x", "é", "→", "🎉"):
        before = backlog.bytes
        outbox.push({"type": "websocket.send", "text": letter * 10_000})
        counted.append(round((backlog.bytes - before) / 10_000))
    outbox.push({"type": "websocket.send", "text": "\ud800"})  # which could not even be encoded
    outbox.push({"type": "websocket.send", "bytes": b"x" * 10_000})
    assert counted == [1, 1, 2, 4]
    outbox.close()
    assert backlog.bytes == 0
    await outbox.finish(None, 1)


async def test_a_broadcast_that_waits_for_many_clients_is_there_once_and_counts_once() -> None:
    servers = [Server() for _ in range(500)]
    for server in servers:
        server.readable.clear()
    outboxes = [make(server.send, max_process_outbox_bytes=4_000_000, max_outbox_bytes=10**9)[0] for server in servers]
    tracemalloc.start()
    try:
        for _ in range(3):
            push_all(outboxes, text(1000))
        assert 3_000_000 < backlog_of(asyncio.get_running_loop()).bytes < 3_001_000
        assert tracemalloc.get_traced_memory()[0] < 10_000_000, "of which tasks take the most"
    finally:
        tracemalloc.stop()
    assert not any(outbox.closed for outbox in outboxes)
    for server in servers:
        server.readable.set()
    await settle()
    assert all(sizes(server) == [1000] * 3 for server in servers)
    assert backlog_of(asyncio.get_running_loop()).bytes == 0
    for outbox in outboxes:
        await outbox.finish(None, 1)


async def test_at_the_limit_of_the_process_those_who_cause_most_of_it_go_and_not_who_comes_next() -> None:
    limits: dict[str, Any] = {"max_process_outbox_bytes": 100_000, "max_outbox_bytes": 60_000}
    servers = [Server() for _ in range(23)]
    for server in servers:
        server.readable.clear()
    made = [make(server.send, **limits) for server in servers]
    room, (small, greedy, last) = [outbox for outbox, _ in made[:20]], [outbox for outbox, _ in made[20:]]
    for _ in range(3):
        push_all(room, text(10))  # each has 30 kB, but 1.5 of its own
    for kilobytes in (5, 5):
        small.push(text(kilobytes))
    for kilobytes in (8, 40):
        greedy.push(text(kilobytes))
    assert not any(failures for _, failures in made)
    last.push(text(9))
    last.push(text(9))
    assert [at for at, (_, failures) in enumerate(made) if failures] == [21]
    assert str(made[21][1][0]) == (
        "bytes for all clients together, most of them for this one (max_process_outbox_bytes = 100,000)"
    )
    for server in servers:
        server.readable.set()
    await settle()
    assert sizes(servers[0]) == [10] * 3
    assert [sizes(server) for server in servers[20:]] == [[5, 5], [], [9, 9]]
    for outbox, _ in made:
        await outbox.finish(None, 1)


@pytest.mark.parametrize(("full", "got"), [("drop_oldest", [1, 4]), ("drop_newest", [1, 2])])
async def test_at_the_limit_of_the_process_a_client_whose_broadcasts_are_dropped_keeps_one(
    full: str, got: list[int]
) -> None:
    servers = [Server() for _ in range(3)]
    for server in servers:
        server.readable.clear()
    made = [make(server.send, max_process_outbox_bytes=25_000, full_outbox=full) for server in servers]
    for outbox, _ in made:
        for kilobytes in (1, 2, 3, 4):
            outbox.push(text(kilobytes))
    for server in servers:
        server.readable.set()
    await settle()
    assert sizes(servers[0]) == got
    assert not any(failures for _, failures in made)
    for outbox, _ in made:
        await outbox.finish(None, 1)


async def test_what_is_being_sent_to_clients_whose_broadcasts_are_dropped_is_not_looked_at_for_each_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    servers = [Server() for _ in range(50)]
    for server in servers:
        server.readable.clear()
    made = [make(server.send, max_process_outbox_bytes=16_000, full_outbox="drop_oldest")[0] for server in servers]
    for outbox in made:
        outbox.push(text(1))
    backlog = backlog_of(asyncio.get_running_loop())
    looked: list[int] = []
    relieve = Backlog._relieve
    monkeypatch.setattr(Backlog, "_relieve", lambda self, limit: (looked.append(self.bytes), relieve(self, limit)))
    for n in range(1000):
        made[n % 50].push({"type": "websocket.send", "text": f"{n:0100}"})
    assert 0 < len(looked) <= 1000 * 150 // 2000 + 1, "once for every eighth of the limit"
    assert backlog.bytes < 50 * 1050 + 16_000
    for outbox in made:
        await outbox.finish(None, 1)
    assert backlog.bytes == 0


async def test_an_idle_outbox_holds_no_bytes_and_the_backlog_no_outbox() -> None:
    server = Server()
    outbox, _ = make(server.send)
    backlog = backlog_of(asyncio.get_running_loop())
    for _ in range(3):
        server.readable.clear()
        outbox.push(text(1))
        outbox.push(text(1))
        assert len(backlog.queues) == 1
        server.readable.set()
        await settle()
        assert (backlog.bytes, backlog.queues, outbox._queue) == (0, {}, None)
    await outbox.finish(None, 1)


async def test_a_server_that_pushes_while_it_sends_leaves_nothing_counted() -> None:
    server = Server()

    async def send(frame: Any) -> None:
        if not server.sent:
            server.readable.clear()
            server.sent.append(frame)
            outbox.push(text(2))
        else:
            await server.send(frame)

    outbox, _ = make(send)
    outbox.push(text(1))
    backlog = backlog_of(asyncio.get_running_loop())
    assert 2000 < backlog.bytes < 2100, "the second is being sent"
    server.readable.set()
    await settle()
    assert sizes(server) == [1, 2]
    assert backlog.bytes == 0
    await outbox.finish(None, 1)
