"""The AsyncAPI generator of a Django project: what its arguments leave open comes from ``CHANSPEC``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from chanspec.asyncapi import AsyncAPIGenerator as CoreGenerator
from chanspec.asyncapi import Perspective
from chanspec.asyncapi.addresses import Address
from chanspec.channels.conf import Settings, settings


class AsyncAPIGenerator(CoreGenerator):
    """Builds the AsyncAPI document of one or many consumers, with the project's settings as defaults.

    Args:
        consumer: A single consumer class.
        consumers: Several, as ``(class, address)`` pairs.
        info: Over ``TITLE``, ``VERSION`` and ``DESCRIPTION``.
        servers: Over ``SERVERS``; with neither, ``WS_HOST`` makes one.
        channel_path: Over ``CHANNEL_PATH``.
        perspective: Over ``PERSPECTIVE``.

    Raises:
        ValueError: As :class:`chanspec.asyncapi.AsyncAPIGenerator`.
        ImproperlyConfigured: ``CHANSPEC`` is wrong.
    """

    project: ClassVar[Settings] = settings
    """The project's settings, for a subclass that reads another dict."""

    def __init__(
        self,
        consumer: type | None = None,
        *,
        consumers: Iterable[tuple[type, str | Address]] | None = None,
        info: Mapping[str, Any] | None = None,
        servers: Mapping[str, Mapping[str, Any]] | None = None,
        channel_path: str | None = None,
        perspective: Perspective | None = None,
    ) -> None:
        settings = self.project
        if consumer is not None and consumers is None:
            channel_path = channel_path or settings.CHANNEL_PATH
        super().__init__(
            consumer,
            consumers=consumers,
            info={
                "title": settings.TITLE,
                "version": settings.VERSION,
                "description": settings.DESCRIPTION,
                **(info or {}),
            },
            servers=default_servers(settings=settings) if servers is None else servers,
            channel_path=channel_path,
            perspective=perspective or settings.PERSPECTIVE,
            query_param=settings.AUTH_QUERY_PARAM,
            cookie_name=settings.AUTH_COOKIE_NAME,
            asyncapi_version=settings.ASYNCAPI_VERSION,
        )


def names_servers(settings: Settings) -> bool:
    """Whether the settings say all of where the servers are, so that a request has nothing to add."""
    return settings.SERVERS is not None or bool(settings.WEBSOCKET_BASE_URL) or "://" in (settings.WS_HOST or "")


def default_servers(
    host: str | None = None, protocol: str | None = None, settings: Settings = settings, *, pathname: str = ""
) -> Mapping[str, Mapping[str, Any]]:
    """The document's servers: ``SERVERS``, else one at ``WEBSOCKET_BASE_URL``, ``WS_HOST`` or ``host``, else none.

    Args:
        host: The request's host, ``"localhost:8000"``.
        protocol: ``"ws"`` or ``"wss"``, as the request came; ``WS_PROTOCOL`` goes before it.
        settings: The project's.
        pathname: The path before every address; that of a whole URL in the settings goes before it.
    """
    if settings.SERVERS is not None:
        configured: Mapping[str, Mapping[str, Any]] = settings.SERVERS
        return configured
    named = settings.WS_HOST or ""
    is_url = "://" in named  # some write a whole URL there
    base = urlsplit(named if is_url else settings.WEBSOCKET_BASE_URL or "")
    host = (not is_url and named) or base.netloc or host
    if not host:
        return {}
    scheme = {"http": "ws", "https": "wss"}.get(base.scheme, base.scheme)
    server = {"host": host, "protocol": settings.WS_PROTOCOL or scheme or protocol or "ws"}
    path = base.path.rstrip("/") if base.netloc else pathname
    return {"default": {**server, "pathname": path} if path else server}
