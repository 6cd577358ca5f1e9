"""The path that stands before the addresses of a project's WebSockets, as one of its HTTP requests shows it.

A proxy may serve the project below a path, and remove that path from what it passes on, or not. The server may have
been told of it (``root_path``), or Django (``FORCE_SCRIPT_NAME``). Django takes every combination; ``URLRouter`` does
not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

from chanspec.terminal import shown

__all__ = ["configured_prefix", "prefix_of"]

logger = logging.getLogger("chanspec")

_LONGEST = 512
_PATH_CHARACTERS = "/:@!$&'()*+,;=~"
_HEADERS = ("X-Forwarded-Prefix", "X-Script-Name")

_ELSEWHERE = (
    "So the document names no server. If WebSockets are served in another way than this request, say where, in"
    " CHANSPEC['WEBSOCKET_BASE_URL']"
)
_REMOVED = (
    "A request came for '%s', which does not begin with the server's root_path, '%s'. URLRouter refuses every WebSocket"
    " that comes so: let the proxy leave the prefix in the paths, or start the server without --root-path and set"
    f" FORCE_SCRIPT_NAME. {_ELSEWHERE}"
)
_NOT_REMOVED = (
    "A request came for '%s', which begins with FORCE_SCRIPT_NAME, '%s', and the server has no root_path. URLRouter"
    " matches such paths whole, and its routes do not begin so: tell the server too, as Daphne with --root-path, or let"
    f" the proxy remove the prefix. {_ELSEWHERE}"
)
_NOT_TOLD = (
    "A request came for '%s', and its headers say that a proxy removed '%s' from the path. Nobody told the application,"
    f" which does not believe headers: set FORCE_SCRIPT_NAME. {_ELSEWHERE}"
)

_warned: set[str] = set()


def prefix_of(request: HttpRequest, addresses: Callable[[], Iterable[str]]) -> str | None:
    """The path before the addresses of WebSockets, ``"/app"`` or ``""``; ``None`` where they would not be reached.

    What is wrong with the deployment is logged, each fault once in a process.

    Args:
        request: One that comes in the way that the WebSockets come.
        addresses: Returns the addresses, as they are routed.
    """
    scope = getattr(request, "scope", None) or {}
    root_path = scope.get("root_path") or ""
    path = str(scope.get("path", request.path))
    script = _normal(request.META.get("SCRIPT_NAME"))
    # Daphne takes it from a header (Daphne-Root-Path), which anybody can send.
    if len(script) > _LONGEST:
        return None
    if not path.startswith(root_path):
        _warn(_REMOVED, path, root_path)
        return None
    if scope and script and not root_path and _is_below(path, script):
        if all(_is_below(each, script) for each in addresses()):
            return ""
        _warn(_NOT_REMOVED, path, script)
        return None
    if not script:
        for name in _HEADERS:
            told = _normal(request.headers.get(name))
            if told and not _is_below(path, told):
                _warn(_NOT_TOLD, path, told)
                return None
    return quote(script, safe=_PATH_CHARACTERS)


def configured_prefix() -> str:
    """The path before every address where there is no request to ask: ``FORCE_SCRIPT_NAME``."""
    return quote(_normal(settings.FORCE_SCRIPT_NAME), safe=_PATH_CHARACTERS)


def _normal(script_name: object) -> str:
    name = str(script_name or "").strip("/")
    return f"/{name}" if name else ""


def _is_below(path: str, prefix: str) -> bool:
    return f"{path}/".startswith(f"{prefix}/")


def _warn(text: str, path: str, prefix: str) -> None:
    if text not in _warned:
        _warned.add(text)
        logger.warning(text, shown(path), shown(prefix))
