"""Refuses WebSocket handshakes that pages of other sites make. It checks the ``Origin`` header and nothing else.

A browser sends cookies with every handshake, and no same-origin policy stops a foreign page from opening a socket
(RFC 6455, 10.2). A consumer that trusts cookies needs this.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

__all__ = ["OriginValidator"]

logger = logging.getLogger("chanspec")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SECURE = {"http": False, "ws": False, "https": True, "wss": True}
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1; servers answer a handshake closed before it was accepted with 403


class OriginValidator:
    """ASGI middleware that lets WebSocket handshakes through only from allowed origins; others get a 403.

    It stands around one endpoint or around the whole application; other requests pass. A handshake without an
    ``Origin`` (no browser makes one) is refused too, unless everything is allowed.

    Args:
        app: The application inside.
        allowed_origins: Each one of ``"example.com"`` (any scheme and port), ``"example.com:8000"``,
            ``"https://example.com"`` (the scheme's own port), ``"https://example.com:8443"``; a host that begins
            with a dot, ``".example.com"``, stands for the domain and all below it; ``"*"`` allows everything.
            By default the page must come from the host that the handshake itself names. Name the hosts where
            requests for any host reach the application: a foreign name that is made to resolve to this server
            would pass for its own.

    Raises:
        TypeError: ``allowed_origins`` is no list of strings.
        ValueError: One of them is no origin.

    Example:
        >>> application = OriginValidator(ChatConsumer.as_asgi(), ["https://example.com"])
        >>> app.add_middleware(OriginValidator, allowed_origins=["https://example.com"])
    """

    def __init__(self, app: ASGIApp, allowed_origins: Iterable[str] | None = None) -> None:
        self.app = app
        self.allowed_origins = None if allowed_origins is None else _patterns(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or self.allows(scope):
            await self.app(scope, receive, send)
            return
        # What the client wrote is shown escaped and cut.
        logger.warning("Refused a handshake from the origin %.100r", _headers(scope, b"origin"))
        await receive()
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    def allows(self, scope: Scope) -> bool:
        """Whether a handshake comes from an allowed origin; override it to decide otherwise.

        Args:
            scope: The connection's ASGI scope.
        """
        if self.allowed_origins is not None and any(pattern.host == "*" for pattern in self.allowed_origins):
            return True
        origins = _headers(scope, b"origin")
        origin = _Origin.read(origins[0]) if len(origins) == 1 else None
        if origin is None or origin.scheme is None:
            return False
        if self.allowed_origins is None:
            return _is_own(origin, scope)
        return any(pattern.matches(origin) for pattern in self.allowed_origins)


@dataclass(frozen=True, slots=True)
class _Origin:
    """An origin, or a pattern for some: scheme and port may be left open."""

    scheme: str | None
    host: str
    port: int | None

    @classmethod
    def read(cls, text: str) -> _Origin | None:
        """Read an origin with or without its scheme; None for what is none (``"null"``, a path, a bad port)."""
        text = text.lower()
        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
            port = parts.port
        except ValueError:
            return None
        if not parts.hostname or _has_more(parts):
            return None
        return cls(parts.scheme or None, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme))

    def matches(self, origin: _Origin) -> bool:
        """Whether this pattern covers an origin."""
        if self.scheme is not None and self.scheme != origin.scheme:
            return False
        if self.port is not None and self.port != origin.port:
            return False
        if self.host.startswith("."):
            return origin.host == self.host[1:] or origin.host.endswith(self.host)
        return origin.host == self.host


def _has_more(parts: SplitResult) -> bool:
    return bool(parts.path or parts.query or parts.fragment or "@" in parts.netloc)


def _patterns(allowed_origins: Iterable[str]) -> tuple[_Origin, ...]:
    given = None if isinstance(allowed_origins, str) else list(allowed_origins)
    if given is None or not all(isinstance(each, str) for each in given):
        raise TypeError(f'allowed_origins is {allowed_origins!r}; write a list of strings, ["https://example.com"]')
    patterns = []
    for each in given:
        pattern = _Origin.read(each)
        if pattern is None or ("*" in pattern.host and each != "*"):
            raise ValueError(
                f"allowed_origins holds {each!r}, which is no origin; write a scheme, a host and a port, of which"
                ' the host alone is needed: "https://example.com:8000", "example.com", ".example.com", or "*"'
            )
        patterns.append(pattern)
    return tuple(patterns)


def _is_own(origin: _Origin, scope: Scope) -> bool:
    """Whether the origin is the host that the handshake names.

    A plain socket may have come through a proxy that speaks TLS, so only a secure one tells the page's scheme.
    """
    hosts = _headers(scope, b"host")
    host = _Origin.read(hosts[0]) if len(hosts) == 1 else None
    if host is None or host.scheme is not None:
        return False
    if _SECURE.get(scope.get("scheme", "ws"), False) and not _SECURE.get(origin.scheme or "", False):
        return False
    port = host.port or _DEFAULT_PORTS.get(origin.scheme or "")
    return origin.host == host.host and origin.port == port


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope.get("headers", ()) if key.lower() == name]
