"""A connection's sending side, under servers and middleware of every kind."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import anyio
import pytest

from chanspec.runtime.outbox import Disconnected, Outbox

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


def make(send: Any, limit: int = 10) -> tuple[Outbox, list[BaseException | None]]:
    failures: list[BaseException | None] = []
    outbox = Outbox(send, asyncio.get_running_loop(), limit, failures.append)
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
    assert failures == [None]
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
    outbox = Outbox(server.send, asyncio.get_running_loop(), 10, lambda error: None)
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
