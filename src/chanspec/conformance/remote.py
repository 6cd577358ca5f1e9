"""A server on this machine, or on a host that was named expressly, as the target of a run."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from chanspec.conformance.transport import (
    CONNECT_SECONDS,
    MAX_FRAME,
    Closed,
    Frame,
    Handshake,
    RefusedError,
    TargetError,
)
from chanspec.terminal import shown

__all__ = ["Remote", "is_loopback"]

LEAVE_SECONDS = 5.0
ABNORMAL = 1006


class _NoRedirects(connect):
    """A redirect could lead to any host, so none is followed."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Remote:
    """A server as a target.

    Args:
        url: ``ws://host:port`` or ``wss://…``; a path in it goes before those of channels.
        handshake: What the client says.
    """

    def __init__(self, url: str, handshake: Handshake) -> None:
        parts = urlsplit(url)
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._origin = f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"
        self._handshake = handshake

    async def start(self) -> None:
        """Nothing is kept open."""

    async def stop(self) -> None:
        """Nothing is kept open."""

    async def connect(self, path: str) -> RemoteSocket:
        query = self._handshake.query_string()
        origin: Any = self._origin if self._handshake.origin is None else (self._handshake.origin or None)
        try:
            connection = await _NoRedirects(
                f"{self._base}{path}" + (f"?{query}" if query else ""),
                origin=origin,
                additional_headers=self._handshake.all_headers(),
                proxy=None,
                compression=None,
                open_timeout=CONNECT_SECONDS,
                close_timeout=LEAVE_SECONDS,
                ping_interval=None,
                max_size=MAX_FRAME,
                max_queue=None,
                user_agent_header="chanspec-conform",
            )
        except InvalidStatus as error:
            raise RefusedError(f"it was refused with status {error.response.status_code}") from error
        except InvalidHandshake as error:
            raise RefusedError(f"it failed: {shown(str(error), 200)}") from error
        except (OSError, TimeoutError, EOFError) as error:
            raise TargetError(f"cannot connect to {self._base}: {error or type(error).__name__}") from error
        return RemoteSocket(connection)


class RemoteSocket:
    """One connection to the server."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, frame: Frame) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as error:
            raise _closed(error) from None

    async def receive(self, seconds: float) -> Frame:
        try:
            async with asyncio.timeout(seconds):
                frame: Frame = await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from None
        return frame

    async def close(self) -> None:
        await self._connection.close(1000)


def _closed(error: ConnectionClosed) -> Closed:
    if error.rcvd is None:
        return Closed(ABNORMAL)
    return Closed(error.rcvd.code, error.rcvd.reason)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine by its very form; no name is looked up."""
    name = host.rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
