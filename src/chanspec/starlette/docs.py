"""The docs page, the document and the page's files as one application to mount anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from chanspec import viewer
from chanspec.asyncapi import Perspective
from chanspec.asyncapi.addresses import Address
from chanspec.asyncapi.served import MEDIA_TYPES
from chanspec.starlette import answers
from chanspec.starlette.config import checked, title_of, try_it_out_of
from chanspec.starlette.discovery import HTTPOnly
from chanspec.starlette.page import page
from chanspec.starlette.views import rendered

__all__ = ["AsyncAPIDocs"]

_WHERE = "AsyncAPIDocs"
_METHODS = ("GET", "HEAD")


class AsyncAPIDocs(HTTPOnly):
    """An ASGI application with the docs page at its root, and beside it ``asyncapi.yaml`` and ``asyncapi.json``.

    Args:
        app: The Starlette or FastAPI application whose consumers are documented; by default the one that the docs
            are mounted on.
        title: The API's title; also the page's.
        version: The API's version.
        description: Markdown.
        info: More of the Info Object (AsyncAPI 3): ``contact``, ``license``, ``tags``, …
        consumers: ``(class, address)`` pairs, instead of every consumer that the application routes.
        servers: The Servers Object; by default one server, the one that was asked.
        host: That server's host, where it is not the request's.
        protocol: ``"ws"`` or ``"wss"``, where it is not the request's.
        query_param: The query parameter that carries a token on every channel.
        cookie_name: The cookie that carries a session or token on every channel.
        perspective: ``"server"`` or ``"client"``: from whose side the document is written.
        asyncapi_version: ``"3.0.0"`` or ``"3.1.0"``.
        try_it_out: Whether the page offers to connect and send: ``"off"``, ``"closed"`` (when asked) or ``"open"``
            (from the start).

    Raises:
        ValueError: ``try_it_out`` is none of the three.

    Example:
        >>> app.mount("/ws-docs", AsyncAPIDocs(title="Chat"))
    """

    def __init__(
        self,
        app: Any = None,
        *,
        title: str | None = None,
        version: str | None = None,
        description: str | None = None,
        info: Mapping[str, Any] | None = None,
        consumers: Sequence[tuple[type, str | Address]] | None = None,
        servers: Mapping[str, Mapping[str, Any]] | None = None,
        host: str | None = None,
        protocol: Literal["ws", "wss"] | None = None,
        query_param: str | None = None,
        cookie_name: str | None = None,
        perspective: Perspective | None = None,
        asyncapi_version: str | None = None,
        try_it_out: viewer.TryItOut = "off",
    ) -> None:
        self.documented = app
        given = {name: value for name, value in locals().items() if name not in ("self", "app")}
        self.config = checked(given, _WHERE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            response = await self.respond(Request(scope, receive))
            await response(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            raise RuntimeError(f"AsyncAPIDocs serves HTTP, not {scope['type']}")

    async def respond(self, request: Request) -> Response:
        """Answer a request for the page, a document or a file of the page."""
        if request.method not in _METHODS:
            return PlainTextResponse("Method Not Allowed", 405, {"Allow": ", ".join(_METHODS)})
        path = _path_below_mount(request.scope)
        if not path:
            return _to_directory(request)
        if path == "/":
            title = title_of(self.config)
            content, etag = page(
                title, [(title, "asyncapi.yaml")], lambda name: f"assets/{name}", try_it_out_of(self.config)
            )
            return answers.answer(request, content, "text/html; charset=utf-8", etag)
        if path == "/asyncapi.yaml":
            return await self._document(request, answers.wanted_form(request, "yaml"), vary="Accept, Host")
        if path == "/asyncapi.json":
            return await self._document(request, "json", vary="Host")
        if path.startswith("/assets/"):
            return answers.asset(request, path.removeprefix("/assets/"))
        return PlainTextResponse("Not Found", 404)

    async def _document(self, request: Request, form: str, *, vary: str) -> Response:
        if form not in MEDIA_TYPES:
            return PlainTextResponse("format is yaml or json", 400)
        document = await rendered(self.config, self.documented, request, form, _WHERE)
        return answers.answer(request, document.content, MEDIA_TYPES[form], document.etag, vary=vary)


def _path_below_mount(scope: Scope) -> str:
    """The part of the path that is this application's.

    ``root_path`` is where it is mounted, and the path begins with it; or, with a proxy that removes a prefix and a
    server or application that was told of it, only with the part of it that came from mounts.
    """
    path, root_path = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    mounted = root_path.removeprefix(str(scope.get("app_root_path", "")).rstrip("/"))
    for prefix in (root_path, mounted):
        below = path.removeprefix(prefix)
        if prefix and below != path and (not below or below.startswith("/")):
            return below
    return path


def _to_directory(request: Request) -> Response:
    """The page's addresses are relative to it, so it needs its slash; the redirect is relative too, for proxies."""
    asked: str = request.scope["query_string"].decode(
        "latin-1"
    )  # Starlette's URL takes a quoted "?" of the path for one
    query = f"?{asked}" if asked else ""
    name = quote(request.scope["path"].rpartition("/")[2])
    return RedirectResponse(f"./{name}/{query}" if name else "./", status_code=307)
