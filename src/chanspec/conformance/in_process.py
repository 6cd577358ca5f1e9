"""An ASGI application driven in this process: its lifespan, and connections without a server (ASGI 3, WebSocket)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from chanspec.conformance.transport import CONNECT_SECONDS, Closed, Frame, Handshake, RefusedError, TargetError

__all__ = ["ASGIApp", "InProcess"]

ASGIApp = Callable[..., Awaitable[Any]]

HOST = "localhost"
LEAVE_SECONDS = 10.0
NO_STATUS, ABNORMAL, INTERNAL, GOING_AWAY = 1005, 1006, 1011, 1001


class InProcess:
    """The application as a target."""

    def __init__(self, app: ASGIApp, handshake: Handshake) -> None:
        self._app = app
        self._handshake = handshake
        self._state: dict[str, Any] = {}
        self._lifespan: asyncio.Task[None] | None = None
        self._to_lifespan: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_lifespan: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

    async def start(self) -> None:
        """Run the application's start-up; one that has no lifespan is left alone."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._lifespan = asyncio.ensure_future(self._app(scope, self._to_lifespan.get, self._from_lifespan.put))
        if (answer := await self._ask_lifespan("lifespan.startup")).get("type") == "lifespan.startup.failed":
            raise TargetError(f"the application's start-up failed: {str(answer.get('message', ''))[:500]}")

    async def stop(self) -> None:
        if self._lifespan is not None:
            await self._ask_lifespan("lifespan.shutdown")
            self._lifespan.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._lifespan
            self._lifespan = None

    async def _ask_lifespan(self, kind: str) -> MutableMapping[str, Any]:
        lifespan = self._lifespan
        if lifespan is None or lifespan.done():
            return {}
        self._to_lifespan.put_nowait({"type": kind})
        answer = asyncio.ensure_future(self._from_lifespan.get())
        await asyncio.wait({answer, lifespan}, timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        if lifespan.done():
            with suppress(asyncio.CancelledError, Exception):  # servers take this for "no lifespan", too
                lifespan.result()
        return {}

    async def connect(self, path: str) -> InProcessSocket:
        origin = f"http://{HOST}" if self._handshake.origin is None else self._handshake.origin
        given = [(name.lower(), value) for name, value in self._handshake.all_headers()]
        names = {name for name, _ in given}
        usual = [("host", HOST), ("origin", origin), ("user-agent", "chanspec-conform")]
        headers = [*((name, value) for name, value in usual if value and name not in names), *given]
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": self._handshake.query_string().encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 1),
            "server": (HOST, 80),
            "subprotocols": [],
            "state": self._state.copy(),
            "extensions": {"websocket.http.response": {}},
        }
        socket = InProcessSocket(self._app, scope)
        await socket.open()
        return socket


class InProcessSocket:
    """One connection to the application."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[Frame | Closed | RefusedError | None] = asyncio.Queue()
        self._accepted = False
        self._end: Closed | None = None
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(app(scope, self._to_app.get, self._send))
        self._task.add_done_callback(self._ended)

    async def open(self) -> None:
        """Wait until the handshake is accepted."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                first = await self._from_app.get()
        except TimeoutError:
            await self.close()
            raise RefusedError(f"it was not answered within {CONNECT_SECONDS:.0f} s") from None
        if isinstance(first, Closed):
            first = RefusedError(f"the application ended ({first.reason})" if first.reason else "the application ended")
        if isinstance(first, RefusedError):
            await self.close()
            raise first

    async def send(self, frame: Frame) -> None:
        if self._end is not None:
            raise self._end
        kind = "text" if isinstance(frame, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: frame})

    async def receive(self, seconds: float) -> Frame:
        if self._end is not None and self._from_app.empty():
            raise self._end
        async with asyncio.timeout(seconds):
            frame = await self._from_app.get()
        if isinstance(frame, str | bytes):
            return frame
        self._end = frame if isinstance(frame, Closed) else Closed(ABNORMAL)
        raise self._end

    async def close(self) -> None:
        self._end = self._end or Closed(GOING_AWAY)
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY, "reason": ""})
        await asyncio.wait({self._task}, timeout=LEAVE_SECONDS)
        while not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=0.1)

    async def _send(self, event: MutableMapping[str, Any]) -> None:
        kind = event["type"]
        if self._end is not None and kind == "websocket.send":
            raise OSError("the client has gone")
        if kind == "websocket.accept":
            self._accepted = True
            self._from_app.put_nowait(None)
        elif kind == "websocket.send":
            text = event.get("text")
            self._from_app.put_nowait(text if text is not None else bytes(event.get("bytes") or b""))
        elif kind == "websocket.close" and self._accepted:
            self._from_app.put_nowait(Closed(event.get("code") or 1000, event.get("reason") or ""))
            # What the protocol owes the application: it is told of its own close, too.
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": event.get("code") or NO_STATUS})
        elif kind == "websocket.close":
            self._from_app.put_nowait(RefusedError("it was refused with status 403"))
        elif kind == "websocket.http.response.start":
            self._from_app.put_nowait(RefusedError(f"it was refused with status {event.get('status')}"))

    def _ended(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._from_app.put_nowait(Closed(ABNORMAL, ""))
            return
        self.error = error
        self._from_app.put_nowait(Closed(INTERNAL, type(error).__name__))

    error: BaseException | None = None
    """What the application raised, which a server would have logged."""
