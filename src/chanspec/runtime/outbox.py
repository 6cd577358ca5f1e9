"""The sending side of one connection: its handlers wait for the client, everybody else's broadcasts never do.

``send`` is awaited by the connection's own code and so slows it down to the client's pace. ``push_all`` is what fan-out
calls for all local members of a group: it begins each member's ASGI ``send``, and where one does not finish at once, a
task of that connection goes on with it, behind which its frames queue up to a limit. :mod:`chanspec.runtime.eager`
says how a send is begun without a task of its own.

What waits is bounded three times: in frames and in bytes for each connection, and in bytes for all of them. Only a
broadcast that does wait is counted.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from operator import length_hint
from typing import Any
from weakref import WeakValueDictionary

from chanspec.runtime import log
from chanspec.runtime.eager import begin
from chanspec.runtime.settings import RuntimeSettings

Frame = MutableMapping[str, Any]
"""An ASGI message to the server: ``{"type": "websocket.send", "text": …}``."""

Send = Callable[[Frame], Awaitable[None]]


class Disconnected(ConnectionError):  # noqa: N818 - a state, as in the field's own websocket.disconnect
    """The client is gone, or the connection was closed: nothing more can be sent."""


class OutboxFull(Exception):  # noqa: N818 - a state, as above
    """More waits for a client than may. The text says what, and names the setting."""


class Outbox:
    """Sends frames in order, one at a time."""

    __slots__ = (
        "_asgi_send",
        "_carrier",
        "_closed",
        "_failed",
        "_held",
        "_in_flight",
        "_loop",
        "_queue",
        "_settings",
    )

    def __init__(
        self,
        asgi_send: Send,
        loop: asyncio.AbstractEventLoop,
        settings: RuntimeSettings,
        failed: Callable[[BaseException], None],
    ) -> None:
        """Hold broadcasts until :meth:`release`.

        Args:
            asgi_send: The server's.
            loop: The running loop.
            settings: Its ``max_outbox``, ``max_outbox_bytes``, ``max_process_outbox_bytes`` and ``full_outbox``.
            failed: Called once, with the error of a send that nobody awaited, or with :class:`OutboxFull`. The
                outbox is closed by then.
        """
        self._asgi_send = asgi_send
        self._loop = loop
        self._settings = settings
        self._failed = failed
        self._in_flight = False
        self._held = True
        self._closed = False
        # Made when first needed, gone when the client has caught up: most connections of most applications are idle.
        self._queue: _Queue | None = None
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
        if queue is not None:
            queue.end()
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
        """Have a broadcast wait, as far as the limits allow."""
        if self._closed:
            return
        queue, settings = self._queue, self._settings
        if queue is None:
            queue = self._queue = _Queue(self)
        broadcast = queue.backlog.hold(frame)
        full = queue.full_for(broadcast, settings)
        if full is not None and settings.full_outbox != "drop_oldest":
            queue.backlog.release(broadcast)
            if settings.full_outbox == "close":
                self._end_as_full(full)
            return
        while full is not None and queue.drop():
            full = queue.full_for(broadcast, settings)
        queue.put(broadcast)
        queue.backlog.check(settings.max_process_outbox_bytes)

    def _wait_for(self, frame: Frame) -> None:
        """Count a broadcast whose send has not finished at once."""
        if self._closed:
            return
        queue = self._queue
        if queue is None:
            queue = self._queue = _Queue(self)
        if queue.sending is None:
            queue.sending = queue.backlog.hold(frame)
            queue.backlog.check(self._settings.max_process_outbox_bytes)

    def _end_as_full(self, what: str) -> None:
        self.close()
        self._tell(OutboxFull(what))

    def _relieve(self, kept: int, target: int) -> None:
        """Give up what waits because too much waits in all outboxes together.

        Args:
            kept: How many broadcasts an outbox that drops keeps.
            target: How many bytes may be left in all of them.
        """
        queue, settings = self._queue, self._settings
        if queue is None:
            return
        if settings.full_outbox == "close":
            limit = settings.max_process_outbox_bytes
            self._end_as_full(
                f"bytes for all clients together, most of them for this one (max_process_outbox_bytes = {limit:,})"
            )
            return
        newest = settings.full_outbox == "drop_newest"
        for _ in range(queue.count_broadcasts() - kept):
            if queue.backlog.bytes <= target:
                return
            queue.drop(newest=newest)

    async def _wait_for_turn(self, frame: Frame) -> None:
        if self._closed:
            raise Disconnected("the connection was closed")
        turn = _Turn(frame, self._loop.create_future())
        if self._queue is None:
            self._queue = _Queue(self)
        entries = self._queue.entries
        entries.append(turn)
        try:
            await turn.future
        except asyncio.CancelledError:
            if turn in entries:
                entries.remove(turn)
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
        while (queue := self._queue) is not None:
            entry = queue.take()
            if entry is None:
                self._queue = None
                queue.end()
            elif isinstance(entry, _Turn):
                await self._take_turn(entry)
            else:
                await self._asgi_send({**entry.frame})

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

    def _tell(self, error: BaseException) -> None:
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
        outboxes: Whose. What one that is full does, its settings say.
        frame: Each gets its own copy, for middleware that writes into what it sends.
    """
    remaining = iter(outboxes)
    while (carrier := begin(_send_to(remaining, frame))) is not None:
        # Somebody's send suspended, and what was begun waits for that one alone: the others get a new begin. The
        # iterator is at the one after it.
        outbox = outboxes[-1 - length_hint(remaining)]
        outbox._carried_by(carrier)
        outbox._wait_for(frame)


async def _send_to(remaining: Iterator[Outbox], frame: Frame) -> None:
    """Send a frame to one after the other. All that a broadcast costs for each member is here.

    The sends are awaited: that costs half of what it takes to step each of them by hand, where the end of a coroutine
    arrives as an exception. And what suspends does so with only the loop's rest around it, which is over by the time
    it goes on.
    """
    for outbox in remaining:
        if outbox._in_flight or outbox._held:
            outbox._put(frame)
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


def _nobody(error: BaseException) -> None:
    """Whom to tell when nobody is there any more."""


# What waits


class _Turn:
    """A frame whose sender waits until it was sent. It counts as a frame, and not in bytes.

    There are as many as handlers of the connection that send at once, and nobody else's broadcast makes more.
    """

    __slots__ = ("frame", "future")

    def __init__(self, frame: Frame, future: asyncio.Future[None]) -> None:
        self.frame = frame
        self.future = future


class _Broadcast:
    """A frame that waits in some outboxes of one event loop.

    Attributes:
        frame: Shared by all that it waits in.
        size: In bytes, as its text stands in memory: 1 to 4 for each character. That is known without encoding it.
        holders: In how many it waits.
    """

    __slots__ = ("frame", "holders", "size")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        text = frame.get("text")
        self.size = sys.getsizeof(frame.get("bytes") if text is None else text)
        self.holders = 0


class _Queue:
    """What waits for one client.

    Attributes:
        outbox: Whose.
        entries: What waits, the oldest first.
        bytes: The size of the broadcasts among them, each in full.
        sending: The broadcast that the server has not taken yet. It counts for the process alone: however large,
            a client that is busy for a moment gets it.
    """

    __slots__ = ("backlog", "bytes", "entries", "outbox", "sending")

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.backlog = backlog_of(outbox._loop)
        self.entries: deque[_Broadcast | _Turn] = deque()
        self.bytes = 0
        self.sending: _Broadcast | None = None
        self.backlog.queues[self] = None

    def __len__(self) -> int:
        return len(self.entries)

    def full_for(self, broadcast: _Broadcast, settings: RuntimeSettings) -> str | None:
        """What is too much with one broadcast more, or None. Where no broadcast waits, its size does not matter."""
        if len(self.entries) >= settings.max_outbox:
            return f"frames (max_outbox = {settings.max_outbox:,})"
        if self.bytes and self.bytes + broadcast.size > settings.max_outbox_bytes:
            return f"bytes (max_outbox_bytes = {settings.max_outbox_bytes:,})"
        return None

    def put(self, broadcast: _Broadcast) -> None:
        """Take a broadcast that the backlog holds already."""
        self.entries.append(broadcast)
        self.bytes += broadcast.size

    def take(self) -> _Broadcast | _Turn | None:
        """Give what is to be sent next, or None. What was given before was sent."""
        self._release_sent()
        if not self.entries:
            return None
        entry = self.entries.popleft()
        if isinstance(entry, _Broadcast):
            self.bytes -= entry.size
            self.sending = entry
        return entry

    def drop(self, *, newest: bool = False) -> bool:
        """Drop a broadcast, by default the oldest; what handlers send to their own client is never dropped.

        Returns:
            Whether there was one.
        """
        entries = self.entries
        for at in reversed(range(len(entries))) if newest else range(len(entries)):
            entry = entries[at]
            if isinstance(entry, _Broadcast):
                del entries[at]
                self.bytes -= entry.size
                self.backlog.release(entry)
                return True
        return False

    def count_broadcasts(self) -> int:
        """How many could be dropped."""
        return sum(isinstance(entry, _Broadcast) for entry in self.entries)

    def share(self) -> float:
        """How many bytes of the backlog it is to blame for: of a broadcast that waits in ten outboxes, a tenth."""
        waiting = [self.sending, *self.entries]
        return sum(each.size / each.holders for each in waiting if isinstance(each, _Broadcast))

    def end(self) -> None:
        """Let go of everything."""
        self._release_sent()
        while self.entries:
            entry = self.entries.popleft()
            if isinstance(entry, _Broadcast):
                self.backlog.release(entry)
            elif not entry.future.done():
                entry.future.set_exception(Disconnected("the connection was closed"))
        self.bytes = 0
        self.backlog.queues.pop(self, None)

    def _release_sent(self) -> None:
        if self.sending is not None:
            self.backlog.release(self.sending)
            self.sending = None


class Backlog:
    """The broadcasts that wait in all outboxes of one event loop, of which a server's process has one.

    Attributes:
        loop: Held, so that its ``id`` names nothing else while this is there.
        bytes: The size of all of them; one that waits in many outboxes counts once.
        queues: Those that anything waits in, by how long something does.
    """

    __slots__ = ("__weakref__", "_broadcasts", "_tolerated", "bytes", "loop", "queues")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.bytes = 0
        self.queues: dict[_Queue, None] = {}
        self._broadcasts: dict[int, _Broadcast] = {}
        self._tolerated = 0

    def hold(self, frame: Frame) -> _Broadcast:
        """Count a broadcast that one outbox more waits with; all that are given the same frame share it."""
        broadcast = self._broadcasts.get(id(frame))
        if broadcast is None:
            broadcast = self._broadcasts[id(frame)] = _Broadcast(frame)
            self.bytes += broadcast.size
        broadcast.holders += 1
        return broadcast

    def release(self, broadcast: _Broadcast) -> None:
        """Undo one :meth:`hold`."""
        broadcast.holders -= 1
        if not broadcast.holders:
            del self._broadcasts[id(broadcast.frame)]
            self.bytes -= broadcast.size

    def check(self, limit: int) -> None:
        """Where more waits than ``limit`` bytes, have those who cause most of it give up what waits for them."""
        if self.bytes <= limit:
            self._tolerated = 0
        elif self.bytes > self._tolerated:
            self._relieve(limit)

    def _relieve(self, limit: int) -> None:
        # Down to seven eighths: looking at everything that waits is worth it once for every eighth that is added.
        target = limit - limit // 8
        by_share = sorted(self.queues, key=_Queue.share, reverse=True)  # of equal ones, those that have waited longest
        for kept in (1, 0):  # a client whose broadcasts are dropped keeps one while that is possible
            for queue in by_share:
                if self.bytes <= target:
                    break
                queue.outbox._relieve(kept, target)
        # What is being sent cannot be dropped, and may be more than the limit: not to be looked at for each frame.
        self._tolerated = self.bytes + limit // 8 if self.bytes > target else 0


_backlogs: WeakValueDictionary[int, Backlog] = WeakValueDictionary()


def backlog_of(loop: asyncio.AbstractEventLoop) -> Backlog:
    """The one of all outboxes on an event loop. It lives as long as anything waits in one of them."""
    backlog = _backlogs.get(id(loop))
    if backlog is None:
        backlog = _backlogs[id(loop)] = Backlog(loop)
    return backlog


# Closing


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
