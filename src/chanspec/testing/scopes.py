"""Makes ASGI scopes of WebSocket handshakes, as a server would from a client's request, and finds what serves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

Headers = Iterable[tuple[str | bytes, str | bytes]] | Mapping[str, str]


def scope_of(
    path: str,
    headers: Headers | None = None,
    subprotocols: Sequence[str] | None = None,
    query: Mapping[str, Any] | None = None,
    spec_version: str | int | None = None,
) -> dict[str, Any]:
    """Return the scope of a handshake (ASGI specification, WebSocket connection scope).

    Args:
        path: With a query, if need be.
        headers: Pairs of name and value, or a mapping; text or bytes.
        subprotocols: That the client offers.
        query: Parameters that are added to the path's; a list gives a parameter several values.
        spec_version: Of the ASGI specification.

    Raises:
        TypeError: The path is no string.
    """
    if not isinstance(path, str):
        raise TypeError(f"the path of a connection is a str, not {type(path).__name__}")
    parts = urlsplit(path)
    added = urlencode(query or {}, doseq=True)
    given: Any = headers.items() if isinstance(headers, Mapping) else headers or ()
    pairs: Iterable[tuple[str | bytes, str | bytes]] = given
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": str(spec_version or "2.4")},
        "http_version": "1.1",
        "scheme": "ws",
        "server": ("testserver", 80),
        "client": ("testclient", 50000),
        "root_path": "",
        "path": unquote(parts.path) or "/",
        "raw_path": quote(parts.path, safe="/%:@!$&'()*+,;=~-._").encode() or b"/",
        "query_string": "&".join(each for each in (parts.query, added) if each).encode(),
        "headers": [(_bytes(name).lower(), _bytes(value)) for name, value in pairs],
        "subprotocols": list(subprotocols or ()),
        "extensions": {"websocket.http.response": {}},
        "state": {},
    }


def consumer_of(application: Any) -> type | None:
    """The consumer class that an application is, or was made of by ``as_asgi()``."""
    found = application if isinstance(application, type) else getattr(application, "consumer_class", None)
    return found if isinstance(found, type) else None


def application_of(application: Any) -> Any:
    """The ASGI application of what a test gives: a consumer class, or an application.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(application, type):
        if not callable(getattr(application, "as_asgi", None)):
            raise TypeError(f"{application.__qualname__} is no consumer; pass an ASGI application or a consumer class")
        return application.as_asgi()  # type: ignore[attr-defined]
    if not callable(application):
        raise TypeError(f"{application!r:.100} is no ASGI application; pass one, or a consumer class")
    return application


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
