"""Runs an ASGI application for one WebSocket connection in process, and carries frames both ways.

It is the server's part, and knows nothing of messages. Like a server it refuses frames out of turn.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from chanspec.testing.quiet import Quiet

Frame = MutableMapping[str, Any]
Application = Callable[..., Awaitable[Any]]

_OPENING = ("websocket.accept", "websocket.close", "websocket.http.response.start")
MAX_HISTORY = 20
CANCELLATIONS = 5


class Transport:
    """One connection, in a task of the event loop that :meth:`start` is called on.

    Attributes:
        frames: What the application sent and nobody took yet.
        history: The last frames in either direction: ``(">" to the application or "<" from it, the frame)``.
        state: ``"new"``, ``"opening"``, ``"open"`` or ``"closed"``, whoever closed it.
        is_left: Whether it was the client's end that left.
    """

    def __init__(self, application: Application, scope: dict[str, Any]) -> None:
        self._application = application
        self.scope = scope
        self.frames: deque[Frame] = deque()
        self.history: deque[tuple[str, Frame]] = deque(maxlen=MAX_HISTORY)
        self.state = "new"
        self.is_left = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[Any] | None = None
        self._incoming: deque[Frame] = deque()
        self._receivers: deque[asyncio.Future[None]] = deque()
        self._changed: set[asyncio.Future[None]] = set()
        self._denied = False
        self._is_told = False

    # The application's side

    async def _receive(self) -> Frame:
        while not self._incoming:
            assert self.loop is not None
            waiter = self.loop.create_future()
            self._receivers.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake_receiver()  # it was woken for a frame that another receiver can take
                raise
            finally:
                if waiter in self._receivers:
                    self._receivers.remove(waiter)
        return self._incoming.popleft()

    async def _send(self, frame: Frame) -> None:
        if self.is_left:
            return  # as servers do until they have noticed
        self._check_turn(frame["type"])
        if frame["type"] != "websocket.http.response.body":
            self.history.append(("<", frame))
            self.frames.append(frame)
            self._tell()
        if self.state == "closed" and not frame.get("more_body") and frame["type"] != "websocket.http.response.start":
            self._disconnected(frame.get("code", 1006) if frame["type"] == "websocket.close" else 1006)

    def _check_turn(self, kind: str) -> None:
        if self._denied and kind == "websocket.http.response.body" and not self._is_told:
            return
        if self.state == "opening" and kind in _OPENING:
            self.state = "open" if kind == "websocket.accept" else "closed"
            self._denied = kind == "websocket.http.response.start"
        elif self.state == "open" and kind == "websocket.close":
            self.state = "closed"
        elif self.state != "open" or kind != "websocket.send":
            state = {"opening": "before it accepted", "open": "on an open connection"}.get(
                self.state, "after it closed"
            )
            raise RuntimeError(f"the application sent {kind!r} {state}; no server sends that")

    # The client's side

    def start(self) -> None:
        """Begin the connection: the application is called, and told of it.

        Raises:
            RuntimeError: No event loop of asyncio's is running.
        """
        try:
            self.loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "connections are tested on asyncio: write `async def test_…`, and with anyio use its asyncio backend"
            ) from None
        self.state = "opening"
        self._incoming.append({"type": "websocket.connect"})
        # In an empty context, as on a server: nothing that a test has set there is seen by the application.
        self.task = self.loop.create_task(self._run(), context=contextvars.Context())
        self.task.add_done_callback(lambda _: self._tell())

    async def _run(self) -> None:
        await self._application(self.scope, self._receive, self._send)

    def put(self, frame: Frame) -> None:
        """Hand a frame to the application, unless it has closed; it is not waited for."""
        if not self._is_told:
            self.history.append((">", frame))
            self._hand(frame)

    def leave(self, code: int) -> None:
        """Tell the application that the client has gone."""
        if not self._is_told:
            self.history.append((">", {"type": "websocket.disconnect", "code": code}))
        self.is_left = True
        self.state = "closed"
        self._disconnected(code)

    def _disconnected(self, code: int) -> None:
        """Tell the application once that the connection has ended, whoever ended it: it may wait for that."""
        if not self._is_told:
            self._is_told = True
            self._hand({"type": "websocket.disconnect", "code": code, "reason": ""})

    def _hand(self, frame: Frame) -> None:
        self._incoming.append(frame)
        self._wake_receiver()

    async def output(self, seconds: float) -> Frame | None:
        """The next frame of the application; None if none came in time, or none can come any more.

        The time counts while the event loop has nothing to do: what a busy machine does late still counts.
        """
        if not self.frames and not self.has_ended:
            try:
                async with asyncio.timeout(seconds):
                    while not self.frames and not self.has_ended:
                        await self._change()
            except TimeoutError:
                await Quiet().wait()
        return self.frames.popleft() if self.frames else None

    async def ended(self, seconds: float) -> bool:
        """Wait until the application has returned; returns whether it has."""
        if self.task is None:
            return True
        await asyncio.wait([self.task], timeout=seconds)
        return self.task.done()

    async def cancel(self) -> None:
        """Cancel the application; several times, if need be."""
        assert self.task is not None
        for _ in range(CANCELLATIONS):
            if self.task.done():
                return
            self.task.cancel()
            await asyncio.wait([self.task], timeout=1.0)

    @property
    def has_ended(self) -> bool:
        """Whether the application has returned or failed."""
        return self.task is not None and self.task.done()

    @property
    def error(self) -> BaseException | None:
        """What the application failed with. To be told that the client left and to end by that is no failure."""
        if self.task is None or not self.task.done() or self.task.cancelled():
            return None
        error = self.task.exception()
        # Starlette's own, told by its name: this module knows no framework.
        is_end = self._is_told and any(each.__name__ == "WebSocketDisconnect" for each in type(error).__mro__)
        return None if is_end else error

    @property
    def rests(self) -> bool:
        """Whether the application took all frames and waits for the next one, or has ended."""
        return self.has_ended or (not self._incoming and self.is_receiving)

    @property
    def is_receiving(self) -> bool:
        """Whether the application waits for a frame."""
        return bool(self._receivers)

    async def _change(self) -> None:
        assert self.loop is not None
        waiter = self.loop.create_future()
        self._changed.add(waiter)
        try:
            await waiter
        finally:
            self._changed.discard(waiter)

    def _tell(self) -> None:
        for waiter in self._changed:
            if not waiter.done():
                waiter.set_result(None)

    def _wake_receiver(self) -> None:
        for waiter in self._receivers:
            if not waiter.done():
                waiter.set_result(None)
                return
