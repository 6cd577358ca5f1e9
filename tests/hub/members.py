"""A connection as the hub sees it, which keeps what it gets and lets a test wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any


class Recorder:
    """A member that records. ``got`` and ``events`` return as soon as as many have arrived."""

    def __init__(self) -> None:
        self.channel_name = ""
        self.texts: list[str] = []
        self.received: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.signals: list[Sequence[Any]] = []
        self._changed = asyncio.Event()

    def push(self, message: dict[str, Any]) -> None:
        assert message["type"] == "websocket.send"
        self.frames.append(message)
        self.texts.append(message["text"])
        self._changed.set()

    def push_event(self, event: dict[str, Any]) -> None:
        self.received.append(event)
        self._changed.set()

    def group_sent(self, groups: Sequence[Any]) -> None:
        self.signals.append(groups)

    async def got(self, count: int, within: float = 20.0) -> list[str]:
        await self._until(lambda: len(self.texts) >= count, within)
        return self.texts

    async def events(self, count: int, within: float = 20.0) -> list[dict[str, Any]]:
        await self._until(lambda: len(self.received) >= count, within)
        return self.received

    async def _until(self, reached: Any, within: float) -> None:
        async with asyncio.timeout(within):
            while not reached():
                self._changed.clear()
                await self._changed.wait()
