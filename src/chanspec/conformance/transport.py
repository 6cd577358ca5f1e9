"""A connection as a run sees it, whether the application is in this process or behind a server on this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from urllib.parse import quote, urlencode

__all__ = ["Closed", "Frame", "Handshake", "RefusedError", "Socket", "Target", "TargetError", "address_of", "filled"]

Frame: TypeAlias = str | bytes

CONNECT_SECONDS = 20.0
MAX_FRAME = 16 * 1024 * 1024
MAX_PATH = 8000  # servers take no longer ones


class TargetError(Exception):
    """There is nobody to connect to, or nobody may be."""


class RefusedError(Exception):
    """The handshake was refused; the text says how."""


class Closed(Exception):  # noqa: N818 - it is an answer, not a mistake
    """The connection is closed.

    Attributes:
        code: The close code (RFC 6455, 7.4); 1006 for none.
        reason: What the server said, untrusted.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client says when it connects, besides the path.

    Attributes:
        path: Values of the parameters in addresses, by name.
        query: Names and values of the query.
        headers: Names and values, besides those that every handshake has.
        cookies: Names and values.
        origin: The Origin header; None for the server's own, empty for none.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    headers: Sequence[tuple[str, str]] = ()
    cookies: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None

    def all_headers(self) -> list[tuple[str, str]]:
        """The headers, the cookies among them."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return [*self.headers, *([("Cookie", cookies)] if cookies else [])]

    def query_string(self) -> str:
        return urlencode(self.query)


class Socket(Protocol):
    """One open connection."""

    async def send(self, frame: Frame) -> None:
        """Send a frame; raises ``Closed``."""

    async def receive(self, seconds: float) -> Frame:
        """The next frame; raises ``Closed``, or ``TimeoutError`` when none comes."""
        ...

    async def close(self) -> None:
        """Leave. What it was closed with before is of no interest any more."""


class Target(Protocol):
    """Who is connected to."""

    async def start(self) -> None:
        """Prepare; raises ``TargetError``."""

    async def connect(self, path: str) -> Socket:
        """Open a connection.

        Args:
            path: The path, percent-encoded, without the query.

        Raises:
            RefusedError: The handshake was refused.
            TargetError: Nobody answers.
        """
        ...

    async def stop(self) -> None:
        """Clean up."""


def address_of(template: str, values: Mapping[str, str]) -> str:
    """A channel's path with its parameters filled in, percent-encoded.

    Raises:
        KeyError: A value is missing.
        ValueError: The path is too long.
    """
    path = filled(template, values)
    if (start := template.find("{")) >= 0 and "}" not in template[start:]:
        raise KeyError(template[start + 1 :])
    return quote(path if path.startswith("/") else f"/{path}", safe="/:@!$&'()*+,;=~-._%")


def filled(template: str, values: Mapping[str, str]) -> str:
    """A text with the values of its ``{parameters}``, once: what a value has in braces is text.

    Raises:
        KeyError: A value is missing.
        ValueError: The text is longer than any path is.
    """
    parts: list[str] = []
    length = done = 0
    for found in re.finditer(r"\{([^{}]*)\}", template):
        if found[1] not in values:
            raise KeyError(found[1])
        parts += (template[done : found.start()], values[found[1]])
        length += len(values[found[1]])
        done = found.end()
        if length > MAX_PATH:
            break
    if length + len(template) > MAX_PATH:
        raise ValueError(f"its address is longer than {MAX_PATH:,} characters")
    return "".join((*parts, template[done:]))
