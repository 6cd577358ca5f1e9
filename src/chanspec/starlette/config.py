"""What a document can be told where it is served, and what the request adds to it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, get_args
from urllib.parse import quote

from starlette.types import Scope

from chanspec import viewer
from chanspec.asyncapi import Perspective
from chanspec.asyncapi.addresses import Address
from chanspec.asyncapi.given import DEFAULT_INFO
from chanspec.problems import near_match
from chanspec.starlette.discovery import discover
from chanspec.terminal import shown

__all__ = ["AsyncAPIConfig", "NoConsumerError", "arguments", "checked", "title_of", "try_it_out_of"]

logger = logging.getLogger("chanspec")

# A name or an address with a port, and nothing that means something in AsyncAPI (server variables) or HTML.
_HOST = re.compile(r"[A-Za-z0-9._~:\[\]-]{1,255}")


class AsyncAPIConfig(TypedDict, total=False):
    """What the view functions and :class:`chanspec.starlette.docs.AsyncAPIDocs` take. All of it is optional."""

    title: str
    """The API's title (AsyncAPI 3, Info Object); ``WebSocket API`` by default."""
    version: str
    """Its version; ``1.0.0`` by default."""
    description: str
    """Markdown."""
    info: Mapping[str, Any]
    """More of the Info Object: ``contact``, ``license``, ``tags``, …"""
    consumers: Sequence[tuple[type, str | Address]]
    """``(class, address)`` pairs, instead of every consumer that the application routes."""
    servers: Mapping[str, Mapping[str, Any]]
    """The Servers Object; by default one server, the one that was asked."""
    host: str
    """That server's host, where it is not the request's."""
    protocol: Literal["ws", "wss"]
    """That server's protocol, where it is not the request's."""
    query_param: str | None
    """The query parameter that carries a token on every channel."""
    cookie_name: str | None
    """The cookie that carries a session or token on every channel."""
    perspective: Perspective
    """``"server"`` or ``"client"``: from whose side the document is written."""
    asyncapi_version: str
    """``"3.0.0"`` or ``"3.1.0"``."""
    try_it_out: viewer.TryItOut
    """Whether the page offers to connect and send: ``"off"`` (the default), ``"closed"`` or ``"open"``."""


class NoConsumerError(ValueError):
    """There is nothing to document."""


def checked(config: AsyncAPIConfig | Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """Return the entries of ``config`` that say something.

    Raises:
        TypeError: It has an unknown key.
        ValueError: Its ``try_it_out`` is none of the three.
    """
    known = AsyncAPIConfig.__annotations__
    for key in config or {}:
        if key not in known:
            hint = near_match(str(key), known) or f"; it has {', '.join(known)}"
            raise TypeError(f"{where} has no option {key!r}{hint}")
    told = {key: value for key, value in (config or {}).items() if value is not None}
    if try_it_out_of(told) not in get_args(viewer.TryItOut):
        raise ValueError(f"{where}: try_it_out is 'off', 'closed' or 'open', not {told['try_it_out']!r}")
    return told


def title_of(config: Mapping[str, Any]) -> str:
    """The title that a document of this configuration has."""
    return str(config.get("title") or config.get("info", {}).get("title") or DEFAULT_INFO["title"])


def try_it_out_of(config: Mapping[str, Any]) -> viewer.TryItOut:
    """Whether the page of this configuration offers to connect and send."""
    choice: viewer.TryItOut = config.get("try_it_out", "off")
    return choice


def arguments(config: Mapping[str, Any], app: object, scope: Scope | None, where: str) -> dict[str, Any]:
    """The generator's arguments.

    Args:
        config: As :func:`checked` returned it.
        app: The application whose consumers are documented; by default the request's.
        scope: The request's, or None where it is not known.
        where: Who asks, for messages.

    Raises:
        NoConsumerError: There is nothing to document.
        DiscoveryError: ``app`` leads to no router.
    """
    info = {key: config[key] for key in ("title", "version", "description") if key in config}
    passed = {key: config[key] for key in _PASSED if key in config}
    return {
        "consumers": _consumers(config, app, scope, where),
        "info": {**config.get("info", {}), **info},
        "servers": _servers(config, scope),
        **passed,
    }


_PASSED = ("query_param", "cookie_name", "perspective", "asyncapi_version")


def _consumers(
    config: Mapping[str, Any], app: object, scope: Scope | None, where: str
) -> Sequence[tuple[type, str | Address]]:
    if "consumers" in config:
        given: Sequence[tuple[type, str | Address]] = config["consumers"]
        return given
    # The outermost router: seen from there, addresses begin at the server's root.
    outermost = None if scope is None else scope.get("router")
    if app is None:
        app = outermost if scope is None else scope.get("app", outermost)
    if app is None:
        raise NoConsumerError(
            f"{where} knows no application, because no Starlette or FastAPI application handles the request; "
            "pass app=…, or consumers=[(class, address), …] in the configuration"
        )
    found = tuple((route.consumer, route.address) for route in discover(app, within=outermost))
    if not found:
        raise NoConsumerError(
            f"{where} found no routed consumer that declares messages; "
            'route one, as in WebSocketRoute("/ws/chat", ChatConsumer.as_asgi()), or pass consumers='
        )
    return found


def _servers(config: Mapping[str, Any], scope: Scope | None) -> Mapping[str, Mapping[str, Any]]:
    """The configured servers, else the one that was asked.

    Behind a proxy the server must be told to trust its headers: uvicorn's ``--proxy-headers`` and
    ``--forwarded-allow-ips``, for the scheme, while the proxy passes the ``Host`` on. Of a path that the proxy removes
    it is told with ``--root-path``; the proxy's header is not believed, because anybody can send it.
    """
    if "servers" in config:
        servers: Mapping[str, Mapping[str, Any]] = config["servers"]
        return servers
    host = config.get("host") or (None if scope is None else _host(scope))
    if not host:
        return {}
    secure = scope is not None and scope.get("scheme") in ("https", "wss")
    server = {"host": host, "protocol": config.get("protocol") or ("wss" if secure else "ws")}
    # Mounts move root_path on, and remember here what it was.
    root_path = "" if scope is None else scope.get("app_root_path", scope.get("root_path", "")).strip("/")
    if len(root_path) > _LONGEST_PREFIX or (scope is not None and not root_path and _lacks_prefix(scope)):
        return {}
    return {"default": {**server, "pathname": f"/{quote(root_path)}"} if root_path else server}


_LONGEST_PREFIX = 512  # Daphne takes it from a header, which anybody can send

_NOT_TOLD = (
    "A request came for '%s', and its headers say that a proxy removed '%s' from the path. Nobody told the application,"
    " which does not believe headers, so the document names no server: start uvicorn with --root-path, or pass servers="
)

_warned: set[str] = set()


def _lacks_prefix(scope: Scope) -> bool:
    """Whether a proxy says that it removes a prefix of which the server was not told; logged once in a process."""
    path = str(scope["path"])
    for name, value in scope.get("headers", ()):
        prefix = value.decode("latin-1").strip("/") if name in (b"x-forwarded-prefix", b"x-script-name") else ""
        if prefix and not f"{path}/".startswith(f"/{prefix}/"):
            if _NOT_TOLD not in _warned:
                _warned.add(_NOT_TOLD)
                logger.warning(_NOT_TOLD, shown(path), shown(f"/{prefix}"))
            return True
    return False


def _host(scope: Scope) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"host":
            host = value.decode("latin-1")
            return host if _HOST.fullmatch(host) else None
    address = scope.get("server")
    if not address:
        return None
    name, port = address
    return f"{name}:{port}" if port else None
