"""The loop of one connection: authenticate, accept, then receive → decode → handler → encode → send until it ends.

One task, the server's, does all that. Handlers are awaited in it directly, so a message costs no task; what that
needs to still notice a disconnect while a handler waits is :meth:`Connection._look_ahead`. Only what really waits
gets a task of its own: reading ahead behind a handler that suspended, a ``concurrent`` handler, channel events, and
finishing a broadcast that the client is too slow for (:mod:`chanspec.runtime.outbox`).
"""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from chanspec.messages import GroupCompleteMessage
from chanspec.runtime import log
from chanspec.runtime.answering import Answering
from chanspec.runtime.channels_exceptions import stops
from chanspec.runtime.eager import go_on
from chanspec.runtime.events import BroadcastFrame, Events
from chanspec.runtime.handshake import authenticate, send_outcome
from chanspec.runtime.hub import Hub, hub_for
from chanspec.runtime.outbox import Disconnected, Frame, Outbox, OutboxFull, Send
from chanspec.runtime.plan import READING, WRITING, Plan, Route
from chanspec.runtime.tasks import SHARE, give_way

if TYPE_CHECKING:
    from chanspec.runtime.consumer import Consumer

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

# Close codes (RFC 6455, 7.4.1; 1013 is in IANA's registry of them).
NORMAL, LOST, POLICY, INTERNAL, OVERLOADED = 1000, 1006, 1008, 1011, 1013
GRACE = 1.0  # seconds
LOOK_EVERY = 16  # frames between two looks at whether the client is ahead


class Connection(Answering):
    """One connection, and a member of the hub's groups.

    Attributes:
        is_open: Whether the loop goes on.
        code: What it was closed with, by whichever side.
        push: Takes an encoded frame of a broadcast; see ``Outbox.push``.
        hub: Where its groups are, or None without a channel layer.
        wants_group_sent: Whether the hub calls ``group_sent``.
    """

    __slots__ = (
        "__weakref__",
        "_accepted",
        "_ahead_since",
        "_begun",
        "_context",
        "_credit",
        "_events",
        "_grace",
        "_handling",
        "_interrupted",
        "_last",
        "_look_ahead_due",
        "_loop",
        "_reader",
        "_reason",
        "_receive",
        "_since",
        "_subprotocol",
        "_task",
        "_tasks",
        "_unseen",
        "_waiting",
        "_wanted",
        "code",
        "hub",
        "is_open",
        "push",
        "wants_group_sent",
    )

    if TYPE_CHECKING:

        def push(self, frame: Frame, /) -> None:
            """A slot, so that a broadcast costs each member one call less."""

    def __init__(self, plan: Plan, consumer: Consumer[Any], scope: Any, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(plan, consumer, scope, Outbox(send, self._loop, plan.settings, self._outbox_failed))
        self.is_open = True
        self.code = LOST
        # A broadcast goes straight to the outbox, or by way of `send` where that is overridden.
        self.push = self.push_frame if plan.writes_through_hooks else self.outbox.push  # type: ignore[method-assign]
        self.hub: Hub | None = None
        self.wants_group_sent = plan.settings.send_completion
        self._receive = receive
        self._accepted = False
        self._subprotocol: str | None = None  # that it was accepted with
        self._reason = ""
        self._begun = False  # whether code of the consumer's ran, so that it hears of the end
        self._last: Frame | None = None  # the close frame to end with
        self._task: asyncio.Task[Any] | None = None  # the loop's, while it can be interrupted
        self._interrupted = False
        self._grace: asyncio.TimerHandle | None = None
        self._handling = False  # whether something runs that a disconnect should interrupt
        self._look_ahead_due = False
        self._unseen = LOOK_EVERY  # frames until the next look at whether the client is ahead
        self._ahead_since: float | None = None  # when it was seen to be, or was last made to wait
        self._waiting: deque[Mapping[str, Any]] | None = None  # frames read ahead
        self._reader: asyncio.Task[None] | None = None
        self._wanted: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] | None = None  # concurrent handlers
        self._events: Events | None = None
        self._context: contextvars.Context | None = None  # of channel events, once they may be handled
        self._credit = float(plan.settings.max_messages_per_second)
        self._since = self._loop.time()
        self._see_assigned_hooks()

    # The life of a connection

    async def run(self) -> None:
        """Serve until either side ends the connection; afterwards nothing of it is left running."""
        task = self._task = asyncio.current_task()
        assert task is not None
        cancellations = task.cancelling()
        # What ended the task is raised again as it is: an anyio scope knows its own cancellation by the message.
        raised: BaseException | None = None
        try:
            event = await self._receive()
            if await authenticate(self):
                await self._begin(event)
                await self._serve()
        except Disconnected:
            log.logger.debug("%s: the client left while it was being answered", self.plan.where)
        except asyncio.CancelledError as error:
            raised = None if self._interrupted and not error.args else error
        except Exception as error:
            if stops(error):
                self._stop()
            else:
                self.log_error("failed", error)
                self.end_with(INTERNAL)
        except BaseException as error:  # of a handler: GeneratorExit, SystemExit, what a test framework fails with
            self._raise_if_closed(task)
            raised = error
            self.end_with(INTERNAL)
        self._task = None
        if self._grace is not None:
            self._grace.cancel()  # its timer would keep the connection for as long
        raised = await self._end() or raised
        self._let_go()
        if self._interrupted and task.uncancel() > cancellations and raised is None:
            raised = asyncio.CancelledError()  # by somebody else, meanwhile
        if raised is not None:
            raise raised

    async def _begin(self, event: Mapping[str, Any]) -> None:
        plan, consumer = self.plan, self.consumer
        # What was never begun is not to be undone: a client that left while it was authenticated has no `disconnect`.
        await self._register()
        self._begun = self.dispatches or not (plan.is_own(consumer.websocket_connect) and plan.is_own(consumer.connect))
        await self.cared(consumer.dispatch if self.dispatches else consumer.websocket_connect, event)
        if self._accepted:
            await send_outcome(self, 200)
            self.outbox.release()
        if self.is_open:
            self._begun = True
            if not plan.is_own(consumer.post_authentication):
                if self._accepted:
                    self._expect_disconnect()
                await self.cared(consumer.post_authentication)
        self._see_assigned_hooks()
        self._context = contextvars.copy_context()
        if self._events is not None:
            self._events.begin(self._context)

    async def _register(self) -> None:
        """Have a channel name, where there is a layer. What an override of ``websocket_connect`` does may need it."""
        layer = self.consumer.get_channel_layer()
        if layer is not None:
            self.hub = hub_for(layer)
            await self.hub.register(self)

    def _see_assigned_hooks(self) -> None:
        """Take the way through the hooks if one was assigned to the instance: the plan knows only those of classes."""
        assigned = vars(self.consumer).keys()
        self.reads_through_hooks = self.reads_through_hooks or not assigned.isdisjoint(READING)
        self.dispatches = self.dispatches or "dispatch" in assigned
        if not assigned.isdisjoint(WRITING):
            self.write_through_hooks()

    def write_through_hooks(self) -> None:
        """Have everything that is sent pass the consumer's hooks, as if its class overrode one."""
        self.direct = False
        if not self.writes_through_hooks:
            self.writes_through_hooks = True
            self.push = self.push_frame  # type: ignore[method-assign]
            if self.hub is not None:
                self.hub.renew(self)

    async def _serve(self) -> None:
        """The hot path: everything else in this module happens once, or only when something waits."""
        receive = self._receive
        # A frame of text is a message then, unless its consumer takes frames itself.
        plain = not (self.reads_through_hooks or self.plan.settings.max_messages_per_second)
        unseen = self._unseen
        while self.is_open:
            self._handling = False
            if self._waiting:
                frame = self._waiting.popleft()
            elif self._reader is not None:
                await self._wait_for_reader()
                continue
            elif unseen:
                unseen -= 1
                frame = await receive()
            else:
                frame = await self._receive_in_turn()
                unseen = self._unseen
            self._handling = True
            text = frame.get("text")
            if text is not None and plain:
                handling = self.handle_text(text)
            elif frame["type"] == "websocket.disconnect":
                self._left(frame)
                return
            elif self._is_too_fast():
                self.end_with(POLICY, "too many messages")
                return
            else:
                handling = self._handle(frame)
            # Most handlers never suspend: they are run here, and nothing else is done for them. To schedule the
            # look-ahead for each message would cost it a callback and, with its server, a turn of the loop.
            try:
                waits_for = handling.send(None)
            except StopIteration:
                continue
            self._expect_disconnect()
            await go_on(handling, waits_for)

    def _handle(self, frame: Mapping[str, Any]) -> Coroutine[Any, Any, None]:
        text = None if self.reads_through_hooks else frame.get("text")
        return self.handle_by_hooks(frame) if text is None else self.handle_text(text)

    async def _receive_in_turn(self) -> Mapping[str, Any]:
        """Receive a frame, and see whether the client is ahead of its handlers; if so, give way after each share.

        While frames are there before they are asked for, nothing suspends: a client that floods would stop everybody
        else. To look at each frame would cost 0.2 µs of the 6 µs that a message takes, so at most ``LOOK_EVERY`` are
        not looked at, and fewer where they take longer than a share.
        """
        receiving = self._received()
        try:
            waits_for = receiving.send(None)
        except StopIteration as received:
            frame: Mapping[str, Any] = received.value
        else:
            self._ahead_since, self._unseen = None, LOOK_EVERY
            return await go_on(receiving, waits_for)
        now = perf_counter()
        since = self._ahead_since
        if since is None:
            self._ahead_since = now
        elif now - since > SHARE:
            if now - since > 2 * SHARE:
                self._unseen //= 2
            await give_way()
            self._ahead_since = perf_counter()
        else:
            self._unseen = min(2 * self._unseen + 1, LOOK_EVERY)
        return frame

    async def _received(self) -> Mapping[str, Any]:
        # A server's `receive` may return any awaitable; only a coroutine can be stepped.
        return await self._receive()

    async def _end(self) -> BaseException | None:
        """Undo everything, one step after the other whatever happens; returns what was raised to end that, too."""
        self.is_open = False
        self.outbox.close()
        events = self._events.task if self._events is not None else None
        tasks = [task for task in (self._reader, events, *(self._tasks or ())) if task is not None]
        for task in tasks:
            task.cancel()
        finish = partial(self.outbox.finish, self._last, self.plan.settings.close_timeout)
        steps: list[Callable[[], Awaitable[Any]]] = [finish]
        if self.hub is not None:
            steps.insert(0, partial(self.hub.unregister, self))
        if tasks:
            steps.insert(0, partial(asyncio.wait, tasks))
        plan, consumer = self.plan, self.consumer
        hears = not (plan.is_own(consumer.websocket_disconnect) and plan.is_own(consumer.disconnect))
        if self._begun and (hears or self.dispatches):
            steps.append(self._tell_consumer)
        own = asyncio.current_task()
        raised: BaseException | None = None
        for step in steps:
            try:
                await step()
            except Disconnected:
                pass  # a hook that says good-bye to a client that is gone
            except Exception as error:
                if not stops(error):  # which Channels' own websocket_disconnect ends with
                    self.log_error("failed to end", error)
            except BaseException as error:  # a cancellation, or as in `run`
                self._raise_if_closed(own)
                raised = error
        return raised

    def _raise_if_closed(self, task: asyncio.Task[Any] | None) -> None:
        """Raise the exception that is being handled, if it is no handler's but closes a coroutine that ``task`` ran.

        A loop that is closed over its tasks does so. Such a coroutine may await nothing more.
        """
        if asyncio.current_task(self._loop) is not task:
            raise

    def _let_go(self) -> None:
        # Ends the cycles of references: the garbage collector takes 0.1 ms for each connection, with its server's part.
        self.consumer = cast(Any, weakref.proxy(self.consumer))
        self.push = self.outbox.push  # type: ignore[method-assign]
        self._events = None

    async def _tell_consumer(self) -> None:
        event = {"type": "websocket.disconnect", "code": self.code, "reason": self._reason}
        await self.cared(self.consumer.dispatch if self.dispatches else self.consumer.websocket_disconnect, event)

    # What runs beside the loop

    async def overlap(self, route: Route, message: BaseModel) -> None:
        """Start a concurrent handler, once fewer than the limit run."""
        if self._tasks is None:
            self._tasks = set()
        while len(self._tasks) >= self.plan.settings.max_concurrent:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        if not self.is_open:  # one of them closed the connection
            return
        task = self._loop.create_task(self.beside(self.answer, route, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_too_fast(self) -> bool:
        """Count a message against an allowance that a second refills, where there is one."""
        rate, now = self.plan.settings.max_messages_per_second, self._loop.time()
        if not rate:
            return False
        self._credit = min(float(rate), self._credit + (now - self._since) * rate) - 1.0
        self._since = now
        return self._credit < 0.0

    # Noticing a disconnect while something runs

    def _expect_disconnect(self) -> None:
        # A callback for each turn of the loop at most, and a task, which costs some 5 µs, only for what runs even then.
        self._handling = True
        if not self._look_ahead_due:
            self._look_ahead_due = True
            self._loop.call_soon(self._look_ahead)

    def _look_ahead(self) -> None:
        self._look_ahead_due = False
        if self._handling and self.is_open and self._reader is None and self._may_wait(self._waiting or ()):
            self._reader = self._loop.create_task(self._read_ahead())

    async def _read_ahead(self) -> None:
        """Receive until the loop wants a frame again, as many frames as may wait, or the client is gone."""
        waiting = self._waiting = deque() if self._waiting is None else self._waiting
        try:
            while True:
                frame = await self._receive()
                if frame["type"] == "websocket.disconnect":
                    # A handler whose send failed is cleaning up, and is not cancelled on top of that at once.
                    is_told = self.outbox.closed
                    self._left(frame)
                    if is_told:
                        self._grace = self._loop.call_later(GRACE, self._interrupt)
                    else:
                        self._interrupt()
                    return
                waiting.append(frame)
                if not self._handling or not self._may_wait(waiting):
                    return
        except Exception as error:
            self.log_error("cannot receive", error)
            self._interrupt()
        finally:
            self._reader = None
            if self._wanted is not None and not self._wanted.done():
                self._wanted.set_result(None)

    def _may_wait(self, frames: Collection[Mapping[str, Any]]) -> bool:
        """Whether a frame more may be read ahead: together they hold little more than the longest one may."""
        settings = self.plan.settings
        if len(frames) >= settings.max_waiting_frames:
            return False
        return sum(len(each.get("text") or each.get("bytes") or "") for each in frames) < settings.max_frame_bytes

    async def _wait_for_reader(self) -> None:
        self._wanted = self._loop.create_future()
        try:
            await self._wanted
        finally:
            self._wanted = None

    def _left(self, frame: Mapping[str, Any]) -> None:
        self.code = frame.get("code") or LOST
        self._reason = frame.get("reason") or ""
        self.is_open = False
        self.outbox.close()

    def _interrupt(self) -> None:
        """End the loop from elsewhere, by cancelling what it waits for, as ``asyncio.timeout`` would."""
        self.is_open = False
        if self._task is not None and not self._interrupted and asyncio.current_task() is not self._task:
            self._interrupted = True
            self._task.cancel()

    async def beside(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Do some work in a task of its own, and end the loop where that closed the connection.

        The work is called here and not before: a task that is cancelled before its first step never would await it.
        """
        task = asyncio.current_task()
        try:
            await work(*arguments)
        except Disconnected:
            self.is_open = False
        except (Exception, asyncio.CancelledError) as error:
            if not stops(error):
                raise
            self._stop()
        except BaseException as error:
            self._raise_if_closed(task)
            self.log_error("failed", error)
            self.end_with(INTERNAL)
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise  # which ends the event loop
        if not self.is_open:
            self._interrupt()

    # Opening and closing

    async def send(self, frame: Frame) -> None:
        """Send an ASGI message of any type, for the consumer.

        Raises:
            Disconnected: The client is gone.
        """
        if frame["type"] == "websocket.close":
            await self._close(frame)
        elif frame["type"] == "websocket.accept":
            await self._accept(frame)
        else:
            await self.outbox.send(frame)

    def choose(self) -> str | None:
        """The subprotocol that the consumer prefers of those that the client offers; None where there is none."""
        offered = self.scope.get("subprotocols") or ()
        return next((each for each in self.consumer.subprotocols or () if each in offered), None)

    def may_accept(self, subprotocol: str | None) -> bool:
        """Whether there is anything to accept. It was done before, if the authenticator sent a message."""
        if self._accepted and subprotocol not in (None, self._subprotocol):
            log.logger.warning(
                "%s: the connection was accepted with the subprotocol %s before accept() asked for %s, as it is when "
                "its authenticator sends a message; write subprotocols = [...] on the class",
                self.plan.where,
                log.shown(self._subprotocol, 100),
                log.shown(subprotocol, 100),
                extra=self.log_fields(),
            )
        return not self._accepted

    async def accept_early(self) -> None:
        """Accept before any code of the consumer's runs, to say something to the client.

        Of the subprotocols that the client offers, one is acknowledged in any case: a browser closes a connection
        without one, and its page would see neither a message nor the close code.
        """
        if not self._accepted:
            offered = self.scope.get("subprotocols") or (None,)
            await self._accept(accept_frame(self.choose() or offered[0]))

    async def _accept(self, frame: Frame) -> None:
        if self._accepted:
            return
        await self.outbox.send(frame)
        self._accepted = True
        self._subprotocol = frame.get("subprotocol")
        if self._context is not None:  # later than in `connect`
            self.outbox.release()

    async def _close(self, frame: Frame) -> None:
        """Close now, for the application. The handler that does so runs on; nothing more is received or sent."""
        if self.outbox.closed:
            return
        self.is_open = False
        self.code = frame.get("code") or NORMAL
        self._reason = frame.get("reason") or ""
        try:
            async with asyncio.timeout(self.plan.settings.close_timeout):
                await self.outbox.send_close(frame)
        except (Disconnected, TimeoutError):
            pass
        self.outbox.close()
        task = asyncio.current_task()
        if not (task in (self._tasks or ()) or (self._events is not None and task is self._events.task)):
            self._interrupt()  # those two end the loop themselves, when their handler has returned

    def _stop(self) -> None:
        """End for a consumer that raised ``StopConsumer``: it hears nothing more, its ``disconnect`` included."""
        self._begun = False
        if self.outbox.closed:
            self.is_open = False
        else:
            self.end_with(NORMAL)

    def dismiss(self, event: Mapping[str, Any]) -> None:
        """End for a ``websocket.disconnect`` that came over the layer, as if the client had left with its code."""
        self.end_with(NORMAL)
        code, reason = event.get("code"), event.get("reason")
        self.code = code if isinstance(code, int) else LOST
        self._reason = reason if isinstance(reason, str) else ""

    def end_with(self, code: int, reason: str | None = None) -> None:
        """End the loop and close, for the runtime."""
        self.is_open = False
        self.code = code
        self._reason = reason or ""
        self._last = close_frame(code, reason)

    def _outbox_failed(self, error: BaseException) -> None:
        if isinstance(error, OutboxFull):
            self._overloaded(f"{error} for a client that stopped reading")
            return
        if isinstance(error, OSError | RuntimeError | asyncio.CancelledError):
            log.logger.debug("%s: the client left while a broadcast was sent", self.plan.where)
        else:
            self.log_error("cannot send", error)
        self._end_soon()

    def _overloaded(self, what: str) -> None:
        log.logger.warning("%s: too many %s; closed with 1013", self.plan.where, what, extra=self.log_fields())
        self.end_with(OVERLOADED)
        self._end_soon()

    def _end_soon(self) -> None:
        # The caller may be any task, this connection's among them: what it does is not to be cancelled half-way.
        self.is_open = False
        self._loop.call_soon(self._interrupt)

    # A member of groups

    def push_event(self, event: Mapping[str, Any]) -> None:
        """Take a channel event, to be handled after those that came before it. Never waits, never raises."""
        if not self.is_open:
            return
        if self._events is None:
            self._events = Events(self)
            if self._context is not None:
                self._events.begin(self._context)
        if not self._events.push(event):
            self.outbox.close()
            self._overloaded("channel events for a consumer that handles them slowly")

    def push_frame(self, frame: Frame) -> None:
        """Take a broadcast for a consumer that overrides ``send``, to be sent after the events that came before it."""
        self.push_event(BroadcastFrame(frame))

    def group_sent(self, groups: Iterable[str] = ()) -> None:
        """Say that a broadcast was pushed, to a client that wants to know."""
        text = self.plan.codec.encode(GroupCompleteMessage())
        self.push({"type": "websocket.send", "text": text})  # pyright: ignore[reportCallIssue] - no method at run time


def accept_frame(subprotocol: str | None = None, headers: Iterable[tuple[bytes, bytes]] | None = None) -> Frame:
    """The ASGI message that accepts a connection."""
    frame: Frame = {"type": "websocket.accept", "subprotocol": subprotocol}
    if headers:
        frame["headers"] = list(headers)
    return frame


def close_frame(code: int | None = None, reason: str | None = None) -> Frame:
    """The ASGI message that closes or refuses a connection."""
    frame: Frame = {"type": "websocket.close"}
    if code is not None:
        frame["code"] = code
    if reason:
        frame["reason"] = reason
    return frame


def detached(plan: Plan, consumer: Consumer[Any]) -> Connection:
    """What stands in for the connection of a consumer that is called without one, as unit tests do."""

    async def receive() -> Mapping[str, Any]:
        raise RuntimeError(f"{plan.where} serves no connection")

    async def send(frame: Frame) -> None:
        raise RuntimeError(f"{plan.where} serves no connection to send to; assign its base_send")

    connection = Connection(plan, consumer, getattr(consumer, "scope", {}), receive, send)
    connection.write_through_hooks()  # which the test replaces, now or later
    return connection
