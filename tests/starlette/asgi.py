"""Drives an ASGI application without a server: one handshake, one request. No tests here."""

from __future__ import annotations

import asyncio
from typing import Any


def scope(kind: str, path: str, **more: Any) -> dict[str, Any]:
    headers = {"host": "chat.example", **more.pop("headers", {})}
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": {"http": "http", "websocket": "ws"}[kind],
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value is not None],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "subprotocols": [],
        **({"method": "GET"} if kind == "http" else {}),
        **more,
    }


async def is_accepted(application: Any, path: str, **more: Any) -> bool:
    """Whether a handshake is accepted; the client then leaves."""
    sent: list[dict[str, Any]] = []
    answered = asyncio.Event()
    received = iter([{"type": "websocket.connect"}])

    async def receive() -> dict[str, Any]:
        if (event := next(received, None)) is not None:
            return event
        await answered.wait()
        return {"type": "websocket.disconnect", "code": 1001}

    async def send(event: Any) -> None:
        sent.append(event)
        answered.set()

    await asyncio.wait_for(application(scope("websocket", path, **more), receive, send), 20)
    return sent[0]["type"] == "websocket.accept"
