# ruff: noqa: ASYNC109 - the parameters of Channels' communicator
"""The client's end of a WebSocket connection to an ASGI application in the same process, for tests."""

from __future__ import annotations

import asyncio
import json
from typing import Any, TypeVar, cast, overload

from chanspec.messages import AuthenticationMessage
from chanspec.testing import failures
from chanspec.testing.client import Client
from chanspec.testing.failures import ClosedError, NothingReceivedError, ReceiveError
from chanspec.testing.settling import settle
from chanspec.testing.transport import Frame
from chanspec.testing.wire import SIGNALS, Unreadable, Wire, classes_in

M = TypeVar("M")


class WebsocketCommunicator(Client):
    """One connection to an ASGI application, as its client sees it.

    ``async with`` connects and disconnects::

        async with WebsocketCommunicator(app, "/ws/chat/") as communicator:
            await communicator.send_message(Say(payload="hello"))
            said = await communicator.receive_message(Said)

    Whatever the application sends against its contract fails the test: at the next receive, or at the end. What the
    application fails with itself is raised there too.

    Attributes:
        timeout: Seconds that are waited for anything by default. The clock stops while the event loop is busy, so it
            need not be larger on slow machines.
        scope: The ASGI scope of the connection.
        path: Its path, without the query, which may hold a token and so is in no failure.
        consumer: The consumer class, where it is known.
        subprotocol: The one that was chosen (RFC 6455, 1.9).
        response_headers: Those of the accepted handshake.
        close_code: What the application closed or refused with.
        close_reason: Its reason.
        drifts: What the application sent or was sent against its contract.
    """

    _wire: Wire | None = None

    # Sending

    async def send_message(self, message: Any) -> None:
        """Send a message: an instance of a message class, or of any class that pydantic can write."""
        await self.send_to(text_data=self._messages().write(message))

    # Receiving

    @overload
    async def receive_message(self, expected: type[M], timeout: float | None = None) -> M: ...
    @overload
    async def receive_message(self, expected: Any = None, timeout: float | None = None) -> Any: ...

    async def receive_message(self, expected: Any = None, timeout: float | None = None) -> Any:
        """Return the next message. Completion signals are passed over, unless they are what is expected.

        Args:
            expected: Its class, or a union of classes; without it, any message of the consumer's.
            timeout: Seconds to wait for it.

        Raises:
            AssertionError: Another message, or none, came; it says which, as a diff.
        """
        wire = self._messages()
        classes = classes_in(expected) if expected is not None else self._outgoing()
        wanted = {named[1] for cls in classes if (named := wire.constant(cls)) is not None} if expected else set()
        described = failures.named_classes(classes, wire)
        while True:
            frame = await self._data(timeout, described)
            text = frame.get("text")
            if text is None:
                raise self._wrong(described, frame)
            content = _parsed(text)
            name = wire.named(content)
            if name not in SIGNALS or name in wanted:
                return self._read(text, content, classes)

    async def receive_all_messages(
        self, stop_action: str | None = "complete", timeout: float | None = None
    ) -> list[Any]:
        """Return all messages up to the one that ``stop_action`` names, in their order.

        Completion signals are not among them, the message that ends them otherwise is. If that does not come in time,
        what came until then is returned.

        Args:
            stop_action: ``"complete"``, ``"event_complete"`` or ``"group_complete"``, which consumers send where
                ``send_completion`` is on; or the name of any message; or None: until the connection has
                :meth:`settled`. That is also what a completion signal means where the consumer sends none.
            timeout: Seconds to wait for it.
        """
        classes = self._outgoing()
        return [self._read(text, content, classes) for text, content in await self._until(stop_action, timeout)]

    async def receive_all_json(self, timeout: float | None = None, stop_action: str | None = None) -> list[Any]:
        """Like :meth:`receive_all_messages`, as plain JSON; by default until the connection has settled.

        Args:
            timeout: Seconds to wait.
            stop_action: The name of the message that is the last one; None: until the connection has settled.
        """
        return [content for _, content in await self._until(stop_action, timeout)]

    async def receive_json_from(self, timeout: float | None = None) -> Any:
        """Return the content of the next frame, which must be JSON.

        Args:
            timeout: Seconds to wait for it.

        Raises:
            AssertionError: Something else, or nothing, came.
        """
        frame = await self._data(timeout, "JSON")
        try:
            return json.loads(frame["text"])
        except (ValueError, KeyError, TypeError) as error:  # no JSON, or no text
            raise self._wrong("JSON", frame) from error

    async def receive_from(self, timeout: float | None = None) -> str | bytes:
        """Return the text or the bytes of the next frame.

        Args:
            timeout: Seconds to wait for it.

        Raises:
            AssertionError: The application closed, or nothing came.
        """
        frame = await self._data(timeout, "a frame")
        return cast("str | bytes", frame["text"] if frame.get("text") is not None else frame["bytes"])

    async def receive_output(self, timeout: float | None = None) -> Frame:
        """Return the next ASGI message of the application, of any type.

        Args:
            timeout: Seconds to wait for it.

        Raises:
            AssertionError: Nothing came.
        """
        self._check_contract()
        return await self._next(timeout, "anything")

    async def receive_nothing(self, timeout: float = 0.1, interval: float = 0.01) -> bool:
        """Return whether nothing comes for a while.

        After :meth:`settled` there is nothing to wait for: ``timeout=0`` says whether anything has come.

        Args:
            timeout: Seconds to wait.
            interval: Not used: what comes is noticed at once.

        Raises:
            AssertionError: The application refused the connection, so nothing could come; or the contract was broken.
        """
        self._check_begun()
        self._check_contract()
        if self._answer is not None and not self._answer[0]:
            raise ClosedError(self._text(f"cannot receive: {self._closed_how()}"))
        frame = await self._transport.output(timeout)
        if frame is not None:
            self._transport.frames.appendleft(frame)
        self._check_failed()
        self._check_contract()
        return frame is None

    async def wait_for_auth(
        self,
        send_authentication_message: bool | None = None,
        max_auth_time: float = 0.5,
        after_auth_time: float = 0.1,
    ) -> AuthenticationMessage | None:
        """Return the message that says how authentication ended; None where the consumer sends none.

        A handshake that is under way is waited for too.

        Args:
            send_authentication_message: Whether to expect it; by default what the consumer's settings say.
            max_auth_time: Seconds to wait for it.
            after_auth_time: Seconds that the consumer may take for what it does then; it is waited for until it has
                settled.
        """
        self._check_begun()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + max_auth_time
        if self._answer is None:
            await self.connect(timeout=max_auth_time)
        if send_authentication_message is None:
            send_authentication_message = self._expects_authentication()
        left = max(give_up - loop.time(), 0.0)
        message = None
        if send_authentication_message:
            message = await self.receive_message(AuthenticationMessage, timeout=left)
        await settle(self._transport, self._watch, after_auth_time if send_authentication_message else left)
        return message

    async def assert_authenticated_status_ok(self, max_auth_time: float = 0.5) -> None:
        """Fail unless the connection is open and authenticated; its authentication message, if it sends one, says 200.

        Args:
            max_auth_time: Seconds to wait for that message, or without one for the authenticator.

        Raises:
            AssertionError: It was refused, it was closed, or the authenticator has not decided.
        """
        message = await self.wait_for_auth(max_auth_time=max_auth_time)
        expected = "expected to be authenticated, but"
        if message is not None and message.payload.status_code != 200:
            payload = message.payload
            data = "" if payload.data is None else f": {failures.frame_shown({'text': json.dumps(payload.data)})}"
            status = f"{payload.status_code} {payload.status_text}{data}"
            raise ReceiveError(self._text(f"{expected} it was {status}"))
        if not self.is_connected:
            self._check_failed()
            for frame in self._transport.frames:  # how it closed may not have been received yet
                self._note(frame)
            raise ClosedError(self._text(f"{expected} {self._closed_how()}"))
        if not self._watch.is_authenticated:
            raise NothingReceivedError(self._text(f"{expected} that was not decided within {max_auth_time:g} s"))

    # Within

    def _expects_authentication(self) -> bool:
        plan = self._watch.plan
        return plan is None or plan.settings.send_authentication_message

    def _messages(self) -> Wire:
        """The messages of the consumer, by what serves the connection if that is known."""
        plan = self._watch.plan
        served = self._watch.connection.plan.consumer if self._watch.connection is not None else self.consumer
        wire = self._wire
        if wire is None or wire.consumer is not served or (plan is not None and wire.codec is not plan.codec):
            wire = self._wire = Wire(served, plan.codec if plan else None)
        return wire

    def _outgoing(self) -> tuple[type, ...]:
        wire = self._messages()
        if not wire.is_typed:
            self._check_open("receive")
            raise TypeError(
                f"{self.path}: which messages may come is known of typed consumers only; say it, as in "
                "`receive_message(Welcome | Refusal)`, pass `consumer=`, or use receive_json_from()"
            )
        return wire.messages

    def _read(self, text: str, content: Any, classes: tuple[Any, ...]) -> Any:
        wire = self._messages()
        try:
            return wire.read(text, content, classes)
        except Unreadable as error:
            what = failures.wrong_message(classes, wire, content, error)
            raise ReceiveError(self._text(what)) from error.error

    async def _until(self, stop_action: str | None, seconds: float | None) -> list[tuple[str, Any]]:
        """Texts of frames and their content, up to what ``stop_action`` means."""
        self._check_open("receive")
        seconds = self.timeout if seconds is None else seconds
        plan = self._watch.plan
        if stop_action is None or (stop_action in SIGNALS and not (plan and plan.settings.send_completion)):
            await settle(self._transport, self._watch, seconds)
            stop_action, seconds = None, 0.0
        loop = asyncio.get_running_loop()
        give_up = loop.time() + seconds
        received: list[tuple[str, Any]] = []
        while (frame := await self._transport.output(max(give_up - loop.time(), 0.0))) is not None:
            if frame["type"] != "websocket.send":
                self._transport.frames.appendleft(frame)
                break
            text = frame.get("text")
            if text is None:
                raise self._wrong("messages", frame)
            content = _parsed(text)
            name = self._messages().named(content)
            if name not in SIGNALS:
                received.append((text, content))
            if name is not None and name == stop_action:
                break
        self._check_failed()
        self._check_contract()
        return received

    async def _data(self, seconds: float | None, expected: str) -> Frame:
        """The next frame of data; an error if the application closes instead."""
        self._check_open("receive")
        frame = await self._next(seconds, expected)
        self._check_contract()
        if self.close_code is not None:
            raise ClosedError(self._text(f"expected {expected}, but {self._closed_how()}"))
        return frame


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
