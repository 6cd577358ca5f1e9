"""The sending side of one connection: its handlers wait for the client, everybody else's broadcasts never do.

``send`` is awaited by the connection's own code and so slows it down to the client's pace. ``push`` is what fan-out
calls for every member of a group: it begins the ASGI ``send`` and, where that does not finish at once, leaves the rest
to a task of this connection, behind which frames queue up to a limit.

How ``push`` begins a send (a "step"): the coroutine is run up to its first suspension by a plain call. Middleware may
ask for the current task there (``asyncio.timeout`` and task groups do, and cancel it later), so the step runs as that
connection's own task, the carrier, which also finishes what suspends; ``asyncio`` knows such switches for eager tasks
and for event loops of others. A step takes about 0.5 µs, where waking a task for each frame takes 3.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from types import CoroutineType
from typing import Any

# Switching the current task. 3.11 has no function for it, and the two it documents cost a third of a step: its table of
# current tasks is written instead, which no later release of 3.11 will change.
if sys.version_info >= (3, 12):
    from asyncio.tasks import _swap_current_task

    _current: dict[Any, Any] | None = None
else:
    from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]

    _current = _current_tasks

    def _swap_current_task(loop: Any, task: Any) -> Any:
        raise NotImplementedError


Frame = MutableMapping[str, Any]
"""An ASGI message to the server: ``{"type": "websocket.send", "text": …}``."""

Send = Callable[[Frame], Awaitable[None]]


class Disconnected(ConnectionError):  # noqa: N818 - a state, as in the field's own websocket.disconnect
    """The client is gone, or the connection was closed: nothing more can be sent."""


class Outbox:
    """Sends frames in order, one at a time."""

    __slots__ = (
        "_asgi_send",
        "_carrier",
        "_closed",
        "_failed",
        "_handed_over",
        "_held",
        "_in_flight",
        "_limit",
        "_loop",
        "_queue",
        "_run",
        "_suspended",
        "_wake",
    )

    def __init__(
        self,
        asgi_send: Send,
        loop: asyncio.AbstractEventLoop,
        limit: int,
        failed: Callable[[BaseException | None], None],
    ) -> None:
        """Hold broadcasts until :meth:`release`.

        Args:
            asgi_send: The server's.
            loop: The running loop.
            limit: How many frames may wait; see ``RuntimeSettings.max_outbox``.
            failed: Called once, with the error of a send that nobody awaited, or with None when the limit was
                reached. The outbox is closed by then.
        """
        self._asgi_send = asgi_send
        self._loop = loop
        self._limit = limit
        self._failed = failed
        self._in_flight = False
        self._held = True
        self._closed = False
        self._handed_over = False
        # Made when first needed: most connections of most applications are idle.
        self._queue: deque[Frame | _Turn] | None = None
        self._carrier: asyncio.Task[None] | None = None
        self._run: Callable[..., Any] = _no_context  # in the carrier's context
        self._suspended: tuple[Any, Any] | None = None
        self._wake: asyncio.Future[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing more is sent."""
        return self._closed

    async def send(self, frame: Frame) -> None:
        """Send a frame after those that wait, and return when the server took it.

        Raises:
            Disconnected: The client is gone.
        """
        if self._in_flight:
            await self._wait_for_turn(frame)
            return
        self._in_flight = True
        try:
            await self._asgi_send(frame)
        except (OSError, RuntimeError) as error:
            if self._held and not isinstance(error, OSError):
                raise  # not accepted yet: the application's mistake, and the server says which
            raise self._gone(error) from error
        finally:
            if not self._closed:
                self._in_flight = False
                if self._queue and not self._held:
                    self._hand_over()

    async def send_close(self, frame: Frame) -> None:
        """Send a close frame as :meth:`send` does, with a code that the server takes."""
        await _send_close(self.send, frame)

    def push(self, frame: Frame) -> None:
        """Send a frame without waiting and without ever raising. A full outbox closes the connection."""
        if self._in_flight or self._held:
            self._put(frame)
            return
        # A step: run the send up to its first suspension, as the carrier. Written out in one piece, because this is
        # what a broadcast costs for each member.
        carrier = self._carrier or self._start_carrier()
        loop = self._loop
        self._in_flight = True
        if _current is None:
            caller = _swap_current_task(loop, carrier)
        else:
            caller = _current.get(loop)
            _current[loop] = carrier
        try:
            coroutine = self._asgi_send(frame)
            if type(coroutine) is not CoroutineType:
                coroutine = _awaiting(coroutine)
            waits_for = self._run(coroutine.send, None)
        except StopIteration:
            self._in_flight = self._closed
        except (Exception, asyncio.CancelledError) as error:
            self._fail(error)
        else:
            self._suspended = (coroutine, waits_for)
            self._hand_over()
        finally:
            if _current is None:
                _swap_current_task(loop, caller)
            elif caller is None:
                del _current[loop]
            else:
                _current[loop] = caller

    def release(self) -> None:
        """Let broadcasts go out, from now on and those that waited."""
        if self._held and not self._closed:
            self._held = False
            if self._queue and not self._in_flight:
                self._hand_over()

    def close(self) -> None:
        """Drop everything that waits and refuse everything that comes. May be called again."""
        self._closed = self._held = self._in_flight = True
        queue, self._queue = self._queue, None
        for entry in queue or ():
            if isinstance(entry, _Turn) and not entry.future.done():
                entry.future.set_exception(Disconnected("the connection was closed"))
        if self._carrier is not None:
            self._carrier.cancel()

    async def finish(self, frame: Frame | None, seconds: float) -> None:
        """Close, and try to send a last frame, which a client that stopped reading may never take.

        Args:
            frame: The close frame, or None where the client is gone.
            seconds: How long to try.
        """
        self.close()
        if self._carrier is not None and not self._carrier.done():
            await asyncio.wait([self._carrier], timeout=seconds)
        self._carrier = self._suspended = self._wake = None
        self._run = _no_context
        if frame is not None:
            try:
                async with asyncio.timeout(seconds):
                    await _send_close(self._asgi_send, frame)
            except (OSError, RuntimeError):  # a TimeoutError too
                pass

    def _put(self, frame: Frame) -> None:
        if self._closed:
            return
        if self._queue is None:
            self._queue = deque()
        if len(self._queue) >= self._limit:
            self.close()
            self._failed(None)
        else:
            self._queue.append(frame)

    async def _wait_for_turn(self, frame: Frame) -> None:
        if self._closed:
            raise Disconnected("the connection was closed")
        turn = _Turn(frame, self._loop.create_future())
        if self._queue is None:
            self._queue = deque()
        queue = self._queue
        queue.append(turn)
        try:
            await turn.future
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            raise

    def _start_carrier(self) -> asyncio.Task[None]:
        context = contextvars.copy_context()
        coroutine = self._carry()
        coroutine.send(None)  # up to its `_begun()`: a task that is cancelled before it began would never run at all
        self._run = context.run
        self._carrier = self._loop.create_task(coroutine, context=context)
        return self._carrier

    def _hand_over(self) -> None:
        """Let the carrier go on with what is suspended and what waits."""
        self._in_flight = self._handed_over = True
        if self._carrier is None:
            self._start_carrier()
        elif self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _carry(self) -> None:
        await _begun()
        while not self._closed:
            interruption = None
            if not self._handed_over:
                self._wake = self._loop.create_future()
                try:
                    await self._wake
                except asyncio.CancelledError as error:
                    if self._suspended is None:
                        raise
                    interruption = error  # a time-out within the suspended send that ran out before it was taken up
            try:
                if self._suspended is not None:
                    suspended, self._suspended = self._suspended, None
                    await _go_on(*suspended, interruption)
                while self._queue:
                    await self._send_waiting(self._queue.popleft())
                if not self._closed:
                    self._queue = None
                    self._in_flight = self._handed_over = False
            except (Exception, asyncio.CancelledError) as error:
                if self._closed:
                    raise
                self._fail(error)

    async def _send_waiting(self, entry: Frame | _Turn) -> None:
        if not isinstance(entry, _Turn):
            await self._asgi_send(entry)
            return
        if entry.future.done():  # its sender gave up
            return
        error: Exception = Disconnected("the connection was closed")
        try:
            await self._asgi_send(entry.frame)
        except (OSError, RuntimeError) as raised:
            error = Disconnected(str(raised))
            raise
        except Exception as raised:  # the sender's mistake: a frame that the server cannot send
            error = raised
        else:
            if not entry.future.done():
                entry.future.set_result(None)
        finally:
            if not entry.future.done():
                entry.future.set_exception(error)

    def _fail(self, error: BaseException) -> None:
        if not self._closed:
            self._gone(error)
            self._failed(error)

    def _gone(self, error: BaseException) -> Disconnected:
        if not self._closed:
            self.close()
        return Disconnected(str(error) or type(error).__name__)


class _Turn:
    """A frame whose sender waits until it was sent."""

    __slots__ = ("frame", "future")

    def __init__(self, frame: Frame, future: asyncio.Future[None]) -> None:
        self.frame = frame
        self.future = future


@types.coroutine
def _begun() -> Generator[None, None, None]:
    """Suspend once, waiting for nothing."""
    yield


@types.coroutine
def _go_on(
    coroutine: Coroutine[Any, Any, None], waits_for: Any, error: BaseException | None
) -> Generator[Any, Any, None]:
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
                waits_for = coroutine.throw(thrown)
        except StopIteration:
            return


def _no_context(*args: Any) -> Any:
    raise RuntimeError("there is no carrier")


async def _awaiting(awaitable: Awaitable[None]) -> None:
    await awaitable


async def _send_close(send: Send, frame: Frame) -> None:
    """Send a close frame; where the server does not let applications use its code, with one that it does.

    Autobahn, and so Daphne, takes 1000 and 3000 to 4999 only, and refuses others before it writes anything; without a
    close frame it would keep the socket open. There 1013 becomes 4013.
    """
    try:
        await send(frame)
    except (OSError, RuntimeError):
        raise
    except Exception:
        code = frame.get("code", 1000)
        if not 1000 < code < 3000:
            raise
        await send({**frame, "code": code + 3000})
