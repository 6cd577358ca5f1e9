# ruff: noqa: ASYNC109 - the parameters of Channels' communicator
"""The client's end of one connection: opening, closing, sending, waiting, and what can go wrong. No messages yet."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from chanspec.runtime.watching import KEY, Watch
from chanspec.testing import failures, scopes
from chanspec.testing.enforcing import Enforcing, Mode
from chanspec.testing.failures import ClosedError, NothingReceivedError, NotSettledError, ReceiveError
from chanspec.testing.settling import settle, unwatched, watched, work_left
from chanspec.testing.tracking import CURE, Tracker, raise_or_note, tracker
from chanspec.testing.transport import Frame, Transport

CLOSING = 10.0
"""Seconds an application may take to end after its client left."""


class Client:
    """See :class:`chanspec.testing.WebsocketCommunicator`, which adds messages to it."""

    timeout: float = 1.0

    def __init__(
        self,
        application: Any,
        path: str = "/",
        headers: scopes.Headers | None = None,
        subprotocols: Sequence[str] | None = None,
        spec_version: str | int | None = None,
        *,
        consumer: type | None = None,
        query: Mapping[str, Any] | None = None,
        scope: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        contract: Mode = "error",
        timeout: float | None = None,
    ) -> None:
        """Prepare a connection; nothing is sent before :meth:`connect`.

        Args:
            application: Any ASGI application, or a consumer class.
            path: With a query, if need be.
            headers: Of the handshake: pairs of name and value, or a mapping; text or bytes.
            subprotocols: That the client offers.
            spec_version: Of the ASGI specification, for the scope.
            consumer: The class whose messages are received, for an application that routes to several. Where a typed
                consumer serves the connection it is found by itself.
            query: Parameters that are added to the path's.
            scope: Further entries of the scope: ``{"user": user, "path_params": {"room_id": 7}}``.
            settings: Of the consumer, for this connection only and before all others: any of
                :class:`chanspec.runtime.settings.RuntimeSettings`, as ``{"send_completion": True}``.
            contract: What happens if the application sends what its contract does not have: ``"error"`` fails the
                test, ``"warn"`` logs it, ``"off"`` does nothing.
            timeout: See the attribute.
        """
        self.consumer = consumer or scopes.consumer_of(application)
        self.application = scopes.application_of(application)
        self.path = path.partition("?")[0] if isinstance(path, str) else "/"
        self.subprotocol: str | None = None
        self.response_headers: list[tuple[bytes, bytes]] | None = None
        self.close_code: int | None = None
        self.close_reason = ""
        if timeout is not None:
            self.timeout = timeout
        self._enforcing = Enforcing(contract)
        self._watch = Watch(dict(settings or {}))
        self.scope = {
            **scopes.scope_of(path, headers, subprotocols, query, spec_version),
            **(scope or {}),
            KEY: self._watch,
        }
        self._transport = Transport(self._enforcing.around(self.application), self.scope)
        self._answer: tuple[bool, int | str | None] | None = None
        self._tracker: Tracker | None = None
        self._is_over = False
        self._is_told = False  # what the application failed with

    # Opening and closing

    async def connect(self, timeout: float | None = None) -> tuple[bool, int | str | None]:
        """Open the connection, and wait for the application's answer.

        Args:
            timeout: Seconds to wait for it. Without it, and with an authenticator, that may take as long as the
                consumer's ``authentication_timeout`` lets it.

        Returns:
            ``(True, the subprotocol or None)`` if it was accepted, else ``(False, the close code)``, or the status of
            the HTTP response that refused it. Called again, the same.

        Raises:
            TimeoutError: There was no answer in time.
        """
        if self._answer is not None:
            self._check_loop()
            return self._answer
        self._begin()
        expected = "an answer to the handshake"
        try:
            await self._next(timeout, expected)
        except NothingReceivedError:
            plan = self._watch.plan
            if timeout is not None or plan is None or plan.authenticator is None:
                raise
            await self._next(plan.settings.authentication_timeout, expected)
        assert self._answer is not None
        return self._answer

    def _begin(self) -> None:
        if self._transport.task is None:
            self._transport.start()
            watched(self._transport)
            self._tracker = self._tracker or tracker()
            if self._tracker is not None:
                self._tracker.opened(self)

    def tracked_by(self, tracker: Tracker) -> None:
        """Have somebody else end this connection when the test ends.

        Args:
            tracker: Who does.
        """
        self._tracker = tracker
        tracker.opened(self, is_kept=True)

    async def disconnect(self, code: int = 1000, timeout: float = CLOSING) -> None:
        """Leave, and wait until the application has ended; nothing of the connection is left then. May be repeated.

        Args:
            code: What the application is told (RFC 6455, 7.4).
            timeout: Seconds until an application that does not end is cancelled, which fails the test.

        Raises:
            Exception: What the application failed with, if the test was not told yet.
            AssertionError: It sent what its contract does not have, or it did not end.
        """
        transport = self._transport
        if transport.task is None or self._is_over:
            return
        self._check_loop()
        self._is_over = True
        errors: list[BaseException] = []
        try:
            if not transport.has_ended:
                transport.leave(code)
            if not await transport.ended(timeout):
                left = self._busy()
                errors.append(AssertionError(f"{self.path}: the application did not end within {timeout:g} s: {left}"))
        finally:
            await transport.cancel()
            unwatched(transport)
            if self._tracker is not None:
                self._tracker.closed(self)
        if transport.error is not None and not self._is_told:
            errors.insert(0, transport.error)
        if (broken := self._enforcing.failure()) is not None:
            errors.append(broken)
        raise_or_note(errors, None)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.disconnect()
        except Exception as raised:
            if error is None:
                raise
            raise_or_note([raised], error)

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that it was opened on."""
        return self._transport.loop

    @property
    def is_connected(self) -> bool:
        """Whether the connection was accepted and neither side closed it."""
        return self._transport.state == "open" and not self._transport.has_ended

    async def assert_closed(self, code: int | None = None, timeout: float | None = None) -> None:
        """Fail unless the next thing that the application does is to close, or the connection is closed already.

        Args:
            code: What it closes with, if that matters.
            timeout: Seconds to wait for it.
        """
        if self.close_code is None and not self._is_over:
            expected = "the application to close"
            frame = await self._next(timeout, expected)
            if self.close_code is None:
                raise self._wrong(expected, frame)
        self._check_contract()
        if code is not None and self.close_code != code:
            raise ReceiveError(self._text(f"expected close code {code}, but it was {self.close_code}"))

    # Sending

    async def send_json_to(self, data: Any) -> None:
        """Send JSON of any shape.

        Args:
            data: What ``json.dumps`` takes.
        """
        await self.send_to(text_data=json.dumps(data))

    async def send_to(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send one frame, of text or of bytes. The application is not waited for.

        Args:
            text_data: The text; None for a binary frame.
            bytes_data: The bytes of a binary frame.

        Raises:
            TypeError: It is given neither, or both.
        """
        if (text_data is None) == (bytes_data is None):
            raise TypeError("send_to() takes text_data or bytes_data, one of them")
        if text_data is not None and not isinstance(text_data, str):
            raise TypeError(f"text_data is a str, not {type(text_data).__name__}")
        if bytes_data is not None and not isinstance(bytes_data, bytes):
            raise TypeError(f"bytes_data is bytes, not {type(bytes_data).__name__}")
        content = {"text": text_data} if text_data is not None else {"bytes": bytes_data}
        await self.send_input({"type": "websocket.receive", **content})

    async def send_input(self, message: Frame) -> None:
        """Send an ASGI message of any type to the application.

        ``websocket.connect`` opens the connection and does not wait for the answer, as :meth:`connect` does; so a test
        can send something right behind its handshake.
        """
        if message["type"] == "websocket.connect":
            self._begin()
            return
        self._check_open("send")
        if message["type"] == "websocket.disconnect":
            self._transport.leave(message.get("code", 1005))
        else:
            self._transport.put(message)

    # Waiting

    async def settled(self, timeout: float = 30.0) -> None:
        """Return when everything that this connection caused has been handled.

        For a typed consumer that is so when, all at the same time,

        - it has taken and handled every frame that was sent to it, concurrent handlers and what they await (threads,
          timers, queries) included, and ``connect`` and ``post_authentication`` are done;
        - no channel event waits for any typed consumer on this event loop, or is being handled by one: so the events
          and broadcasts that this one caused have reached all members here, and they have dealt with them;
        - nothing of this process's is under way on the channel layer: on layers in this process that follows, on
          others (Redis) chanspec's own broadcasts and events are followed until they are heard;
        - every outbox is empty, and the event loop has nothing ready to do.

        For consumers of Channels' own, with ``chanspec.channels.testing``, the same holds for frames, and for the
        messages of Channels' in-memory layer.

        For any other application: it has taken every frame, waits for the next one, and the event loop has nothing
        ready to do. An application that handles a frame in a task of its own while it waits for the next is settled
        too early.

        Not included: tasks that a handler started and does not await, other processes, other event loops, and what
        application code puts itself on a layer outside this process.

        Args:
            timeout: Seconds after which a handler is taken to hang. It decides nothing else.

        Raises:
            AssertionError: Something is still under way then; it says what. Or the contract was broken.
        """
        self._check_begun()
        left = await settle(self._transport, self._watch, timeout)
        self._check_failed()
        self._check_contract()
        if left:
            lines = [f"not settled within {timeout:g} s:", *(f"  {each}" for each in left)]
            raise NotSettledError(self._text("\n".join(lines)))

    @property
    def drifts(self) -> Sequence[Any]:
        """What the application sent or was sent against its contract: :class:`chanspec.enforcement.Drift`."""
        return self._enforcing.drifts

    # Within

    async def _next(self, seconds: float | None, expected: str) -> Frame:
        """The application's next frame, of any type."""
        self._check_begun()
        seconds = self.timeout if seconds is None else seconds
        frame = await self._transport.output(seconds)
        if frame is not None:
            self._note(frame)
            return frame
        self._check_failed()
        self._check_contract()
        if self._transport.has_ended:
            raise ClosedError(self._text(f"expected {expected}, but the application has ended"))
        what = f"expected {expected}, but nothing came within {seconds:g} s\n  {self._busy()}"
        raise NothingReceivedError(self._text(what))

    def _wrong(self, expected: str, frame: Frame) -> ReceiveError:
        came = "bytes" if frame.get("bytes") is not None else "this"
        return ReceiveError(self._text(f"expected {expected}, but {came} came:\n  + {failures.frame_shown(frame)}"))

    def _note(self, frame: Frame) -> None:
        """Learn from a frame how the connection is."""
        if frame["type"] == "websocket.accept":
            self.subprotocol = frame.get("subprotocol")
            self.response_headers = list(frame.get("headers") or [])
            self._answer = True, self.subprotocol
        elif frame["type"] == "websocket.http.response.start":
            self.close_code = frame["status"]
        elif frame["type"] == "websocket.close":
            self.close_code = frame.get("code") or 1000
            self.close_reason = frame.get("reason") or ""
        if self._answer is None and self.close_code is not None:
            self._answer = False, self.close_code

    def _closed_how(self) -> str:
        verb = "refused the connection" if self._answer is not None and not self._answer[0] else "closed"
        reason = f" ({failures.frame_shown({'text': self.close_reason})})" if self.close_reason else ""
        return f"the application {verb} with {self.close_code}{reason}"

    def _busy(self) -> str:
        left = work_left(self._transport, self._watch)
        return "; ".join(left) if left else "it has settled: nothing more will come of what was sent to it"

    def _text(self, what: str) -> str:
        return f"{self.path}: {failures.bounded([*what.splitlines(), *failures.history(self._transport)])}"

    def _check_begun(self) -> None:
        if self._transport.task is None:
            raise ClosedError(f"{self.path}: not connected yet; use `async with` or `await communicator.connect()`")
        self._check_loop()

    def _check_loop(self) -> None:
        loop = self._transport.loop
        if loop is not None and loop is not asyncio.get_running_loop():
            raise RuntimeError(
                f"{self.path}: this connection was opened on another event loop; connect in the async test itself"
            )

    def _check_open(self, verb: str) -> None:
        """Refuse what can come to nothing, and raise what has gone wrong meanwhile."""
        self._check_begun()
        if verb == "receive" and self._transport.frames:
            self._check_contract()
            return  # what came before the end may be read after it
        self._check_failed()
        self._check_contract()
        if self._is_over:
            raise ClosedError(f"{self.path}: cannot {verb}, the test has disconnected")
        if self.close_code is not None:
            raise ClosedError(self._text(f"cannot {verb}: {self._closed_how()}"))

    def _check_failed(self) -> None:
        if self._transport.error is not None and not self._transport.frames:
            self._is_told = True
            raise self._transport.error

    def _check_contract(self) -> None:
        if (broken := self._enforcing.failure()) is not None:
            raise broken

    def __del__(self) -> None:
        transport = getattr(self, "_transport", None)
        if transport is None or self._is_over or transport.task is None or transport.task.done():
            return
        unwatched(transport)
        if not transport.loop.is_closed():
            transport.loop.call_soon_threadsafe(transport.task.cancel)
        what = f"a connection to {self.path} was left open; {CURE}"
        warnings.warn(what, failures.UnclosedCommunicatorWarning, stacklevel=2)
