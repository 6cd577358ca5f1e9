"""The sending side of one connection: its handlers wait for the client, everybody else's broadcasts never do.

``send`` is awaited by the connection's own code and so slows it down to the client's pace. ``push_all`` is what fan-out
calls for all local members of a group: it begins each member's ASGI ``send``, and where one does not finish at once, a
task of that connection goes on with it, behind which its frames queue up to a limit. :mod:`chanspec.runtime.eager`
says how a send is begun without a task of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from operator import length_hint
from typing import Any

from chanspec.runtime import log
from chanspec.runtime.eager import begin

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
        "_full",
        "_held",
        "_in_flight",
        "_limit",
        "_loop",
        "_queue",
    )

    def __init__(
        self,
        asgi_send: Send,
        loop: asyncio.AbstractEventLoop,
        limit: int,
        failed: Callable[[BaseException | None], None],
        full: str = "close",
    ) -> None:
        """Hold broadcasts until :meth:`release`.

        Args:
            asgi_send: The server's.
            loop: The running loop.
            limit: How many frames may wait; see ``RuntimeSettings.max_outbox``.
            failed: Called once, with the error of a send that nobody awaited, or with None when the limit was
                reached. The outbox is closed by then.
            full: What happens at the limit; see ``RuntimeSettings.full_outbox``.
        """
        self._asgi_send = asgi_send
        self._loop = loop
        self._limit = limit
        self._failed = failed
        self._full = full
        self._in_flight = False
        self._held = True
        self._closed = False
        # Made when first needed, gone when the client has caught up: most connections of most applications are idle.
        self._queue: deque[Frame | _Turn] | None = None
        self._carrier: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing more is sent."""
        return self._closed

    @property
    def rests(self) -> bool:
        """Whether nothing waits that could be sent now."""
        return self._closed or self._held or not (self._in_flight or self._queue)

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
        await send_close(self.send, frame)

    def push(self, frame: Frame) -> None:
        """Send a frame without waiting and without ever raising."""
        push_all((self,), frame)

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
        self._failed = _nobody
        if self._carrier is not None:
            await asyncio.wait([self._carrier], timeout=seconds)
        if frame is not None:
            try:
                async with asyncio.timeout(seconds):
                    await send_close(self._asgi_send, frame)
            except (OSError, RuntimeError):  # a TimeoutError too
                pass

    def _put(self, frame: Frame) -> None:
        if self._closed:
            return
        if self._queue is None:
            self._queue = deque()
        if len(self._queue) < self._limit:
            self._queue.append(frame)
        elif self._full == "close":
            self.close()
            self._tell(None)
        elif self._full == "drop_oldest":
            self._drop_oldest(self._queue)
            self._queue.append(frame)

    def _drop_oldest(self, queue: deque[Frame | _Turn]) -> None:
        """Drop a broadcast; what handlers send to their own client is never dropped."""
        for at, entry in enumerate(queue):
            if not isinstance(entry, _Turn):
                del queue[at]
                return

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

    def _hand_over(self) -> None:
        """Have a task send what waits."""
        self._in_flight = True
        self._carried_by(self._loop.create_task(_catch_up(self)))

    def _carried_by(self, carrier: asyncio.Task[None]) -> None:
        """Let a task, which sends for this connection alone, be cancelled when the connection is closed."""
        if carrier.done():
            return
        self._carrier = carrier
        carrier.add_done_callback(self._put_down)
        if self._closed:
            carrier.cancel()

    def _put_down(self, carrier: asyncio.Task[None]) -> None:
        if self._carrier is carrier:
            self._carrier = None

    async def _send_waiting(self) -> None:
        while self._queue:
            entry = self._queue.popleft()
            if isinstance(entry, _Turn):
                await self._take_turn(entry)
            else:
                await self._asgi_send(entry)
        self._queue = None

    async def _take_turn(self, turn: _Turn) -> None:
        if turn.future.done():  # its sender gave up
            return
        error: Exception = Disconnected("the connection was closed")
        try:
            await self._asgi_send(turn.frame)
        except (OSError, RuntimeError) as raised:
            error = Disconnected(str(raised))
            raise
        except Exception as raised:  # the sender's mistake: a frame that the server cannot send
            error = raised
        else:
            if not turn.future.done():
                turn.future.set_result(None)
        finally:
            if not turn.future.done():
                turn.future.set_exception(error)

    def _fail(self, error: BaseException) -> None:
        if not self._closed:
            self._gone(error)
            self._tell(error)

    def _tell(self, error: BaseException | None) -> None:
        try:
            self._failed(error)
        except Exception:  # the other members of the group still get theirs
            log.logger.exception("a connection failed to end")

    def _gone(self, error: BaseException) -> Disconnected:
        if not self._closed:
            self.close()
        return Disconnected(str(error) or type(error).__name__)


def push_all(outboxes: Sequence[Outbox], frame: Frame) -> None:
    """Send a frame to many connections without waiting for any and without ever raising.

    Args:
        outboxes: Whose. One that is full closes its connection.
        frame: Each gets its own copy, for middleware that writes into what it sends.
    """
    remaining = iter(outboxes)
    while (carrier := begin(_send_to(remaining, frame))) is not None:
        # Somebody's send suspended, and what was begun waits for that one alone: the others get a new begin. The
        # iterator is at the one after it.
        outboxes[-1 - length_hint(remaining)]._carried_by(carrier)


async def _send_to(remaining: Iterator[Outbox], frame: Frame) -> None:
    """Send a frame to one after the other. All that a broadcast costs for each member is here.

    The sends are awaited: that costs half of what it takes to step each of them by hand, where the end of a coroutine
    arrives as an exception. And what suspends does so with only the loop's rest around it, which is over by the time
    it goes on.
    """
    for outbox in remaining:
        if outbox._in_flight or outbox._held:
            outbox._put({**frame})
            continue
        outbox._in_flight = True
        try:
            await outbox._asgi_send({**frame})
            if outbox._queue is not None:
                await outbox._send_waiting()
        except (Exception, asyncio.CancelledError) as error:
            outbox._fail(error)
        else:
            outbox._in_flight = outbox._closed


async def _catch_up(outbox: Outbox) -> None:
    """The body of a task that sends what waits."""
    try:
        await outbox._send_waiting()
    except (Exception, asyncio.CancelledError) as error:
        outbox._fail(error)
    else:
        outbox._in_flight = outbox._closed


def _nobody(error: BaseException | None) -> None:
    """Whom to tell when nobody is there any more."""


class _Turn:
    """A frame whose sender waits until it was sent."""

    __slots__ = ("frame", "future")

    def __init__(self, frame: Frame, future: asyncio.Future[None]) -> None:
        self.frame = frame
        self.future = future


async def send_close(send: Send, frame: Frame) -> None:
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
