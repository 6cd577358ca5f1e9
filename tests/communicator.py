"""Channels' test client with more patience: its own waits end after a second, which is little on a busy machine."""

from __future__ import annotations

from typing import Any

from channels.testing import WebsocketCommunicator as _WebsocketCommunicator

SECONDS = 30


class WebsocketCommunicator(_WebsocketCommunicator):
    """As Channels' own, but what must come is waited for as long as a busy machine may need."""

    async def receive_output(self, timeout: float = 1) -> Any:  # noqa: ASYNC109 - its signature is theirs
        return await super().receive_output(max(timeout, SECONDS))

    async def wait(self, timeout: float = 1) -> None:  # noqa: ASYNC109
        await super().wait(max(timeout, SECONDS))
