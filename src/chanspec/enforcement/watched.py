"""One connection of a ``ContractMiddleware``: the frames that pass it, and the witness that its consumer talks to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chanspec.asyncapi.wrappers import name_of
from chanspec.contract.declarations import described_by
from chanspec.enforcement.checker import FrameChecker, checker_of
from chanspec.enforcement.drift import DriftError
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.outbox import Disconnected, Frame, Send, send_close
from chanspec.runtime.witness import BroadcastText

if TYPE_CHECKING:
    from chanspec.enforcement.middleware import ContractMiddleware
    from chanspec.runtime.connection import Receive
    from chanspec.runtime.witness import Witness

INTERNAL = 1011  # RFC 6455, 7.4.1
REASON = "A message broke its contract"
MAX_DROPPED = 100
"""Frames that an application may send after the connection was closed on it, before it is told by an exception."""

_UNKNOWN = (
    "it cannot be told which consumer serves a connection, so its frames are not checked; derive the consumer from a "
    "class of Channels or chanspec, put @describe on its function, or put ContractMiddleware directly around it"
)
_SILENT = "declares no messages, so its frames are not checked; decorate its methods with @document_action and the like"


class Watched:
    """See the module. It implements :class:`chanspec.runtime.witness.Witness`.

    Args:
        middleware: Whose connection it is.
        receive: The server's.
        send: The server's.
        outer: The witness of a middleware around this one, which hears everything too.

    Attributes:
        scope: What the application was given, while it runs.
    """

    __slots__ = (
        "_accepted",
        "_answers",
        "_checker",
        "_closed",
        "_consumer",
        "_dropped",
        "_is_typed",
        "_looked",
        "_middleware",
        "_outer",
        "_receive",
        "_send",
        "scope",
    )

    def __init__(self, middleware: ContractMiddleware, receive: Receive, send: Send, outer: Witness | None) -> None:
        self.scope: dict[str, Any] | None = None
        self._middleware = middleware
        self._receive = receive
        self._send = send
        self._outer = outer
        self._consumer: type | None = None
        self._checker: FrameChecker | None = None
        self._answers = False  # whether the consumer checks and answers what it is sent
        self._is_typed = False
        self._looked = False  # for a consumer that does not speak
        self._accepted = self._closed = False
        self._dropped = 0

    # What the consumer says

    def serves(self, consumer: type, *, answers: bool = False) -> None:
        """Learn which class serves the connection."""
        if self._outer is not None:
            self._outer.serves(consumer, answers=answers)
        if self._consumer is not None:
            return
        self._consumer = consumer
        self._is_typed = issubclass(consumer, Consumer)
        try:
            checker = checker_of(consumer)
        except Exception as error:  # of other people's classes, while they are described
            name = name_of(consumer)
            self._middleware.tell_once(name, f"{name} is not checked, its contract cannot be compiled: {error}")
        else:
            self._checker = checker if checker.contract else None
            # One that derives from chanspec's and only describes its messages takes them by hooks of its own.
            self._answers = answers and (checker.is_typed or not self._is_typed)

    def refused(self, errors: list[dict[str, Any]], value: str | None = None, *, meant: str = "") -> None:
        """Learn that the consumer refused a frame."""
        if self._outer is not None:
            self._outer.refused(errors, value, meant=meant)
        if self._checker is not None:
            self._middleware.report(self._checker.refused(errors, value, meant))

    def broadcasts(self, text: str) -> None:
        """Check a broadcast before it is sent.

        Raises:
            DriftError: It breaks the contract of the consumer that sends it, and that is an error.
        """
        if self._outer is not None:
            self._outer.broadcasts(text)
        # Where it is no error, those who get it count it.
        if self._middleware.mode == "error" and self._checker is not None:
            drift = self._checker.outbound(text)
            if drift is not None:
                self._middleware.report(drift)
                raise DriftError(drift)

    # What passes

    async def receive(self) -> Mapping[str, Any]:
        """Receive for the application; what it is not to see is answered here."""
        while True:
            frame = await self._receive()
            if frame["type"] != "websocket.receive":
                return frame
            if self._closed:
                continue
            if self._answers or not self._accepted or (checker := self._checker or self._look()) is None:
                return frame
            refusal = checker.refusal_of(_content(frame), self._middleware.limits)
            if refusal is None:
                return frame
            self._middleware.report(refusal.drift)
            if self._middleware.mode != "error":
                return frame
            await self._send({"type": "websocket.send", "text": checker.error_text(refusal.errors)})

    async def send(self, frame: Frame) -> None:
        """Send for the application, unless the frame breaks the contract and that is an error.

        What the consumer itself sends closes the connection then. A broadcast is left out: it was others who sent it.
        """
        if self._closed:
            self._drop()
        elif frame["type"] == "websocket.send":
            checker = self._checker or self._look()
            drift = None if checker is None else checker.outbound(_content(frame))
            if drift is not None:
                self._middleware.report(drift)
            if drift is None or self._middleware.mode != "error":
                await self._send(frame)
            elif not isinstance(frame.get("text"), BroadcastText):
                await self._close()
        else:
            self._accepted = self._accepted or frame["type"] == "websocket.accept"
            await self._send(frame)

    async def _close(self) -> None:
        self._closed = True
        await send_close(self._send, {"type": "websocket.close", "code": INTERNAL, "reason": REASON})
        if self._is_typed:  # the runtime takes it for a client that left, and ends
            raise Disconnected(REASON)

    def _drop(self) -> None:
        # Other applications learn of the end from their server's disconnect, and clean up then as they always do.
        self._dropped += 1
        if self._is_typed or self._dropped > MAX_DROPPED:
            raise Disconnected(REASON)

    def _look(self) -> FrameChecker | None:
        """Look for a consumer that has not spoken when a frame passes; where nothing is checked, say so once."""
        middleware = self._middleware
        if self._consumer is None:
            if self._looked:
                return None
            self._looked = True
            routed = (self.scope or {}).get("endpoint")  # Starlette's
            consumer = middleware.described or (None if routed is None else described_by(routed))
            if consumer is None:
                middleware.tell_once("", f"{name_of(middleware.app)}: {_UNKNOWN}")
                return None
            self.serves(consumer)
        if self._checker is None and self._consumer is not None:
            name = name_of(self._consumer)
            middleware.tell_once(name, f"{name} {_SILENT}")
        return self._checker


def _content(frame: Mapping[str, Any]) -> str | bytes:
    text = frame.get("text")
    return frame.get("bytes") or b"" if text is None else text
