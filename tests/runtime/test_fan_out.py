"""One frame to many outboxes: nobody waits for anybody, whatever the server or middleware of one of them does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chanspec.runtime.outbox import Outbox, push_all
from chanspec.runtime.settings import RuntimeSettings

from .driver import eventually
from .test_outbox import MIDDLEWARE, Server, settle


class Group:
    """Some connections, and what became of each."""

    def __init__(self, servers: list[Any], limit: int = 10, full: str = "close") -> None:
        self.servers = servers
        self.failures: list[list[BaseException]] = [[] for _ in servers]
        loop = asyncio.get_running_loop()
        settings = RuntimeSettings(max_outbox=limit, full_outbox=full)
        self.outboxes = [
            Outbox(server.send, loop, settings, failed.append)
            for server, failed in zip(servers, self.failures, strict=True)
        ]
        for outbox in self.outboxes:
            outbox.release()

    def push(self, *numbers: int) -> None:
        for n in numbers:
            push_all(self.outboxes, {"n": n})

    def sent(self) -> list[list[int]]:
        return [[frame["n"] for frame in server.sent] for server in self.servers]

    async def finish(self) -> None:
        for outbox in self.outboxes:
            await outbox.finish(None, 1)


class Behind(Server):
    """A server behind a middleware."""

    def __init__(self, middleware: Any, seconds: float) -> None:
        super().__init__()
        self.send = middleware(super().send, seconds)  # type: ignore[method-assign]


async def test_stalled_readers_delay_nobody_and_keep_no_more_than_may_wait() -> None:
    group = Group([Server() for _ in range(500)], limit=10)
    stalled = (0, 7, 250, 499)
    for at in stalled:
        group.servers[at].readable.clear()
    healthy = [server for at, server in enumerate(group.servers) if at not in stalled]
    for n in range(11):
        group.push(n)
        assert all(server.sent[-1] == {"n": n} for server in healthy), "before the loop has had a turn"
    assert all(len(group.outboxes[at]._queue or ()) == 10 for at in stalled), "one is on its way, the others wait"
    assert not any(group.failures)
    for n in range(11, 100):
        group.push(n)
        assert all(server.sent[-1] == {"n": n} for server in healthy)
    assert [at for at, failed in enumerate(group.failures) if failed] == list(stalled)
    for at in stalled:
        assert [str(each) for each in group.failures[at]] == ["frames (max_outbox = 10)"]
        assert group.outboxes[at].closed
        assert group.outboxes[at]._queue is None, "dropped at once, not when the client reads again"
        assert group.servers[at].sent == []
    await group.finish()


async def test_members_that_are_slow_for_a_while_get_everything_in_order() -> None:
    group = Group([Server() for _ in range(9)], limit=50)
    for n in range(30):
        for at, server in enumerate(group.servers):
            (server.readable.clear if (n + at) % 3 else server.readable.set)()
        group.push(n)
        if n % 4 == 0:
            await settle()
    for server in group.servers:
        server.readable.set()
    await settle()
    assert group.sent() == [list(range(30))] * 9
    group.push(30)
    assert group.sent() == [list(range(31))] * 9, "who has caught up is sent to at once again"
    assert not any(group.failures)
    await group.finish()


@pytest.mark.parametrize("middleware", MIDDLEWARE)
async def test_each_suspended_send_has_a_task_of_its_own_for_middleware(middleware: Any) -> None:
    group = Group([Behind(middleware, 60) for _ in range(4)])
    for at in (1, 2):
        group.servers[at].readable.clear()
    group.push(0, 1)
    await settle()
    first, second = ({task for task in group.servers[at].tasks if task is not None} for at in (1, 2))
    assert first.isdisjoint(second)
    group.servers[1].readable.set()
    await settle()
    if middleware.__name__ == "task_group":  # its own tasks suspend every send
        await settle()
    assert group.sent() == [[0, 1], [0, 1], [], [0, 1]]
    group.servers[2].readable.set()
    await settle()
    await settle()
    assert group.sent() == [[0, 1]] * 4
    assert not any(group.failures)
    await group.finish()


@pytest.mark.parametrize("middleware", MIDDLEWARE)
@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_a_time_out_in_the_middleware_of_one_ends_that_one_only(middleware: Any, seconds: float) -> None:
    servers = [Behind(middleware, 60), Behind(middleware, seconds), Behind(middleware, 60), Server()]
    group = Group(servers)
    servers[1].readable.clear()
    group.push(0)
    await eventually(lambda: bool(group.failures[1]))
    group.push(1)
    await settle()
    assert [type(failure) for failure in group.failures[1]] == [TimeoutError]
    assert group.sent() == [[0, 1], [], [0, 1], [0, 1]]
    assert [at for at, failed in enumerate(group.failures) if failed] == [1]
    me = asyncio.current_task()
    assert me is not None
    assert me.cancelling() == 0
    await group.finish()


async def test_who_has_gone_or_cannot_be_told_takes_nothing_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    class Gone(Server):
        async def send(self, frame: Any) -> None:
            raise OSError("gone")

    class Cancelled(Server):
        async def send(self, frame: Any) -> None:
            raise asyncio.CancelledError

    group = Group([Server(), Gone(), Server(), Cancelled(), Server()])

    def fails(error: BaseException | None) -> None:
        raise ValueError("broken")

    group.outboxes[1]._failed = fails
    group.push(0, 1)
    assert group.sent() == [[0, 1], [], [0, 1], [], [0, 1]]
    assert "a connection failed to end" in caplog.text
    assert [type(failure) for failure in group.failures[3]] == [asyncio.CancelledError]
    await group.finish()


async def test_middleware_that_writes_into_a_frame_changes_nobody_elses() -> None:
    class Marking(Server):
        async def send(self, frame: Any) -> None:
            frame["n"] = -1
            await super().send(frame)

    group = Group([Marking(), Server(), Marking(), Server()])
    group.servers[3].readable.clear()
    group.push(0, 1)
    group.servers[3].readable.set()
    await settle()
    assert group.sent() == [[-1, -1], [0, 1], [-1, -1], [0, 1]]
    await group.finish()


async def test_a_member_that_is_closed_by_the_send_of_another_gets_nothing_more() -> None:
    class Closing(Server):
        async def send(self, frame: Any) -> None:
            group.outboxes[2].close()
            await super().send(frame)

    group = Group([Server(), Closing(), Server(), Server()])
    group.push(0)
    assert group.sent() == [[0], [0], [], [0]]
    await group.finish()


async def test_the_task_that_broadcasts_stays_the_current_one_and_none_is_left() -> None:
    group = Group([Server() for _ in range(3)])
    me, before = asyncio.current_task(), asyncio.all_tasks()
    group.servers[1].readable.clear()
    group.push(0, 1)
    assert asyncio.current_task() is me
    assert me not in [task for server in group.servers for task in server.tasks]
    group.servers[1].readable.set()
    await settle()
    assert asyncio.all_tasks() == before
    assert all(outbox._carrier is None for outbox in group.outboxes)
    await group.finish()


@pytest.mark.parametrize(("full", "got"), [("drop_oldest", [0, 7, 8, 9]), ("drop_newest", [0, 1, 2, 3])])
async def test_a_full_outbox_drops_as_it_is_told_and_stays_open(full: str, got: list[int]) -> None:
    group = Group([Server(), Server()], limit=3, full=full)
    slow = group.servers[1]
    slow.readable.clear()
    group.push(*range(10))
    assert len(group.outboxes[1]._queue or ()) == 3
    slow.readable.set()
    await settle()
    assert group.sent() == [list(range(10)), got]
    group.push(10)
    assert slow.sent[-1] == {"n": 10}
    assert not any(group.failures)
    await group.finish()


async def test_what_a_handler_sends_itself_is_never_dropped() -> None:
    group = Group([Server()], limit=2, full="drop_oldest")
    server, outbox = group.servers[0], group.outboxes[0]
    server.readable.clear()
    group.push(0)
    own = [asyncio.create_task(outbox.send({"n": f"own {n}"})) for n in range(3)]
    await settle()
    group.push(*range(1, 20))
    assert len(outbox._queue or ()) <= 3 + 2
    server.readable.set()
    await asyncio.gather(*own)
    await settle()
    assert group.sent() == [[0, "own 0", "own 1", "own 2", 19]]
    await group.finish()
