"""Beginning a coroutine at once, with a task only where it suspends."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import anyio
import pytest

from chanspec.runtime.eager import begin


async def test_what_does_not_suspend_is_done_and_leaves_no_task() -> None:
    seen: list[Any] = []
    before = asyncio.all_tasks()

    async def work() -> None:
        seen.append(asyncio.current_task())

    assert begin(work()) is None
    assert seen[0] not in (None, asyncio.current_task())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_what_suspends_goes_on_in_the_task_it_began_in_and_in_its_context() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
    variable.set("caller")
    seen: list[Any] = []
    open_ = asyncio.Event()

    async def work() -> None:
        token = variable.set("worker")
        seen.append(asyncio.current_task())
        await open_.wait()
        seen.append(asyncio.current_task())
        assert variable.get() == "worker"
        variable.reset(token)
        assert variable.get() == "caller"

    task = begin(work())
    assert task is not None
    assert variable.get() == "caller"
    open_.set()
    await task
    assert seen == [task, task]


@pytest.mark.parametrize("how", ["before its first turn", "later"])
async def test_cancelling_the_task_cancels_what_it_waits_for(how: str) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            await asyncio.sleep(0)
            ended.append("cleaned up")
            raise

    task = begin(work())
    assert task is not None
    if how == "later":
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert ended == ["cancelled", "cleaned up"]
    assert task.cancelled()


@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_time_outs_of_asyncio_and_anyio_end_what_they_should(seconds: float) -> None:
    ended: list[str] = []

    async def of_asyncio() -> None:
        try:
            async with asyncio.timeout(seconds):
                await asyncio.sleep(60)
        except TimeoutError:
            ended.append("asyncio")

    async def of_anyio() -> None:
        with anyio.move_on_after(seconds) as scope:
            await asyncio.sleep(60)
        assert scope.cancelled_caught
        ended.append("anyio")

    tasks = [begin(of_asyncio()), begin(of_anyio())]
    for task in tasks:
        assert task is not None
        await asyncio.wait_for(task, 20)
    assert ended == ["asyncio", "anyio"]


async def test_it_may_be_called_from_a_callback_and_from_what_was_begun() -> None:
    seen: list[Any] = []

    async def inner() -> None:
        seen.append(asyncio.current_task())

    async def outer() -> None:
        me = asyncio.current_task()
        assert begin(inner()) is None
        assert asyncio.current_task() is me
        seen.append(me)

    def callback() -> None:
        assert begin(outer()) is None
        assert asyncio.current_task() is None
        done.set()

    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(callback)
    await asyncio.wait_for(done.wait(), 20)
    assert len(seen) == len(set(seen)) == 2
