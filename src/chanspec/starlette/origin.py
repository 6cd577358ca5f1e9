"""Refuses WebSocket handshakes that pages of other sites make. It checks the ``Origin`` header and nothing else.

A browser sends cookies with every handshake, and no same-origin policy stops a foreign page from opening a socket
(RFC 6455, 10.2). A consumer that trusts cookies needs this.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from chanspec.starlette.dependencies import Endpoint

__all__ = ["OriginValidator"]

logger = logging.getLogger("chanspec")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SECURE = {"http": False, "ws": False, "https": True, "wss": True}
# Names that nobody can register a site below (RFC 6761; RFC 6762, 3 and appendix G).
_PRIVATE = ("corp", "example", "home", "internal", "intranet", "lan", "local", "localhost", "private", "test")
_NAME = re.compile(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1; servers answer a handshake closed before it was accepted with 403


class OriginValidator(Endpoint):
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
        ValueError: One of them is no origin, or none that a browser sends, or it covers sites of anybody (``".com"``).

    Example:
        >>> application = OriginValidator(ChatConsumer.as_asgi(), ["https://example.com"])
        >>> app.add_middleware(OriginValidator, allowed_origins=["https://example.com"])
    """

    def __init__(self, app: ASGIApp, allowed_origins: Iterable[str] | None = None) -> None:
        self.app = app
        self.allowed_origins = None if allowed_origins is None else _patterns(allowed_origins)

    async def __call__(self, scope: Any, receive: Any = None, send: Any = None, **solved: Any) -> None:
        """Serve a connection, or refuse it.

        Args:
            scope: As ASGI has it; or the ``WebSocket``, where this is the endpoint of ``app.websocket``.
            receive: As ASGI has it; FastAPI passes none.
            send: Likewise.
            solved: What FastAPI solved.
        """
        if not isinstance(scope, MutableMapping):
            connection = self.connection(scope, solved)
            if connection is None:
                return
            scope, receive, send = connection
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
    return tuple(_pattern(each) for each in given)


def _pattern(text: str) -> _Origin:
    pattern = _Origin("", "*", None) if text == "*" else _Origin.read(text)
    mistake = _mistake(text, pattern)
    if mistake is not None:
        raise ValueError(f"allowed_origins holds {text!r}, which is no origin {mistake}")
    assert pattern is not None
    return pattern


_FORM = (
    'of any page; write a scheme, a host and a port, of which the host alone is needed: "https://example.com:8000", '
    '"example.com", ".example.com", or "*"'
)


def _mistake(text: str, pattern: _Origin | None) -> str | None:
    """What is wrong with a pattern, and what to write instead."""
    scheme, separator, host = text.rpartition("://")
    if text == "*":
        return None
    if text.lower() == "null":
        return (
            'to trust: any page can send it; name the page\'s own origin, "https://example.com", or "*" for everything'
        )
    if pattern is None or re.search(r"\s", text):
        trimmed = text.strip().rstrip("/")
        if trimmed != text and trimmed not in ("", "*") and _mistake(trimmed, _Origin.read(trimmed)) is None:
            return f'of any page; write "{trimmed}"'
        return _FORM
    if pattern.scheme in ("ws", "wss"):
        return f'of any page, which is "http" or "https"; write "{pattern.scheme.replace("ws", "http")}://{host}"'
    if "*" in host:
        rest = host.removeprefix("*")
        if _NAME.fullmatch(rest) and rest.startswith("."):
            return f'of any page; for a domain and all below it write "{scheme}{separator}{rest}"'
        return 'of any page; name the hosts, "https://example.com", or write "*" alone for everything'
    if not host.isascii():
        return 'that a browser sends; write the host as it does, in Punycode: "xn--…"'
    if re.fullmatch(r".*:0*", host):
        return f'of any page: the port is missing; write "{scheme}{separator}{host.rpartition(":")[0]}" for any'
    return _mistake_in_host(pattern.host)


def _mistake_in_host(host: str) -> str | None:
    labels = host.removeprefix(".").split(".")
    if ":" in host or labels[-1].isdecimal():
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return "of any page: the address is not valid; write one such as 127.0.0.1 or [::1]"
        return None if str(address) == host else f"that a browser sends; write the address as it does: [{address}]"
    if not _NAME.fullmatch(host):
        return _FORM
    if host.startswith(".") and len(labels) == 1 and labels[0] not in _PRIVATE:
        return f'but every site below {host}, those of anybody; name your own domain: ".example{host}"'
    return None


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
