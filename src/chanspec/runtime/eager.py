"""Begins a coroutine at once, and makes a task only of what does not finish at once.

Python 3.12 and later have that as eager tasks. For 3.11 the same is done here by hand: asyncio's task is made first,
and is the current one while the coroutine is run up to its first suspension by a plain call, because that may ask for
the current task (``asyncio.timeout`` and task groups do, and cancel it later); then the task goes on with the rest.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import types
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")


@types.coroutine
def go_on(
    coroutine: Coroutine[Any, Any, Result], waits_for: Any, error: BaseException | None = None
) -> Generator[Any, Any, Result]:
    """Await a coroutine that is suspended already: yield what it waits for, as it would have done itself."""
    while True:
        value = None
        if error is None:
            try:
                value = yield waits_for
            except GeneratorExit:
                coroutine.close()
                raise
            except BaseException as raised:
                error = raised
        try:
            if error is None:
                waits_for = coroutine.send(value)
            else:
                thrown, error = error, None
                try:
                    waits_for = coroutine.throw(thrown)
                finally:
                    del thrown  # whose traceback has this frame
        except StopIteration as end:
            result: Result = end.value
            return result


if sys.version_info >= (3, 12):

    def begin(coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """Run a coroutine up to its first suspension; returns the task that does the rest, or None if there is none."""
        task = asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True)
        return None if task.done() else task

else:
    # The two functions that asyncio has for this check who calls them; and there will be no other 3.11.
    from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]

    _Suspended = tuple[Coroutine[Any, Any, None], Any]  # and what it waits for

    def begin(coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """Run a coroutine up to its first suspension; returns the task that does the rest, or None if there is none."""
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        rest: list[_Suspended] = []
        carrying = _carry(rest)
        carrying.send(None)  # up to its `_begun()`: a task that is cancelled before it began would never run at all
        task = asyncio.Task(carrying, loop=loop, context=context)
        caller = _current_tasks.get(loop)
        _current_tasks[loop] = task
        try:
            waits_for = context.run(coroutine.send, None)
        except StopIteration:
            return None  # the task ends in the loop's next turn
        finally:
            if caller is None:
                del _current_tasks[loop]
            else:
                _current_tasks[loop] = caller
        rest.append((coroutine, waits_for))
        return task

    async def _carry(rest: list[_Suspended]) -> None:
        interruption = None
        try:
            await _begun()
        except asyncio.CancelledError as error:
            interruption = error  # while it was not known yet, so it is what the coroutine waits for that is cancelled
        if rest:
            await go_on(*rest[0], interruption)

    @types.coroutine
    def _begun() -> Generator[None, None, None]:
        """Suspend once, waiting for nothing."""
        yield
