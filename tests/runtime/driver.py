"""Drives an ASGI application in process, as a server would: frames in, frames out, nothing in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any


class Client:
    """One connection to an application, from the client's end."""

    def __init__(self, app: Any, scope: dict[str, Any] | None = None, middleware: Callable[[Any], Any] | None = None):
        self.scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", **(scope or {})}
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.received_by_app = 0
        self.writable = asyncio.Event()
        self.writable.set()
        self.gone = False
        self.app = app
        self.middleware = middleware
        self.task: asyncio.Task[None] | None = None

    async def _receive(self) -> dict[str, Any]:
        frame = await self.inbox.get()
        self.received_by_app += frame["type"] == "websocket.receive"
        return frame

    async def _send(self, frame: dict[str, Any]) -> None:
        if not self.writable.is_set():
            await self.writable.wait()
        if self.gone:
            raise OSError("the client is gone")
        self.outbox.put_nowait(frame)

    def start(self) -> None:
        """Open the connection; the application is not waited for."""
        send = self.middleware(self._send) if self.middleware else self._send
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.get_running_loop().create_task(self.app(self.scope, self._receive, send))

    async def open(self) -> dict[str, Any]:
        self.start()
        frame = await self.frame()
        assert frame["type"] == "websocket.accept", frame
        return frame

    def text(self, text: str) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "text": text})

    def say(self, action: str, payload: Any = None, **more: Any) -> None:
        self.text(json.dumps({"action": action, "payload": payload, **more}))

    def bytes(self, data: bytes) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "bytes": data})

    async def frame(self, seconds: float = 20.0) -> dict[str, Any]:
        """The next frame the application sends, of any type."""
        async with asyncio.timeout(seconds):
            return await self.outbox.get()

    async def message(self, seconds: float = 20.0) -> Any:
        """The content of the next frame, which must be one of text."""
        frame = await self.frame(seconds)
        assert frame["type"] == "websocket.send", frame
        return json.loads(frame["text"])

    async def ask(self, action: str, payload: Any = None) -> Any:
        self.say(action, payload)
        return await self.message()

    async def silence(self, seconds: float = 0.05) -> None:
        """Make sure that the application sends nothing for a while."""
        await asyncio.sleep(seconds)
        assert self.outbox.empty(), self.outbox.get_nowait()

    def leave(self, code: int = 1001) -> None:
        """Go away; the application is not waited for."""
        self.gone = True
        self.writable.set()
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": code})

    async def ended(self, seconds: float = 20.0) -> None:
        """Wait until the application has returned."""
        assert self.task is not None
        async with asyncio.timeout(seconds):
            await self.task

    async def disconnect(self, code: int = 1001) -> None:
        self.leave(code)
        await self.ended()


_open: set[Client] = set()
_tasks_before: set[Any] = set()


@asynccontextmanager
async def connected(app: Any, **options: Any) -> AsyncIterator[Client]:
    """An accepted connection that is left at the end; when the last one was, no task may be left of them."""
    if not _open:
        _tasks_before.clear()
        _tasks_before.update(asyncio.all_tasks())
    client = Client(app, **options)
    await client.open()
    _open.add(client)
    try:
        yield client
    finally:
        assert client.task is not None
        if not client.task.done():
            await client.disconnect()
        _open.discard(client)
        await client.ended()
    left = asyncio.all_tasks() - _tasks_before
    if not _open and any(task.get_name() == "chanspec: leaving groups" for task in left):
        await asyncio.wait(left, timeout=20)  # a connection waits for that a second at most
        left = asyncio.all_tasks() - _tasks_before
    assert _open or not left, left


async def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.001)
