"""Who may connect: the base class of authenticators, which run before anything of the consumer does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs

from pydantic import BaseModel

Scope = MutableMapping[str, Any]

UNAUTHENTICATED = 401


@dataclass(frozen=True, slots=True)
class Credential:
    """Something a client sends with its handshake to authenticate; the document shows it as a security scheme.

    Attributes:
        name: Of the query parameter, header or cookie.
        location: Where it is sent.
        description: Markdown, or None.
    """

    name: str
    location: Literal["query", "header", "cookie"]
    description: str | None = None


class BaseAuthenticator:
    """Decides whether a connection is accepted.

    A subclass writes ``authenticate``, with or without the scope as an argument, and returns whether the client may
    go on. No frame of the client's is read before it has.

    Attributes:
        credentials: What it reads from the handshake, for the document.
        scope: The connection's ASGI scope.
        send_message: Sends a message to the client, which the connection is accepted for.
        user: The user it found; the consumer's ``user``.
        status_code: The outcome in terms of HTTP (RFC 9110, 15), where it is not 200 or 401.
        data: Sent to the client in the authentication message.

    Example:
        >>> class TokenAuthenticator(BaseAuthenticator):
        ...     credentials = [Credential("token", "query")]
        ...
        ...     async def authenticate(self) -> bool:
        ...         self.user = await user_of(self.get_query_param("token"))
        ...         return self.user is not None
    """

    credentials: ClassVar[Sequence[Credential]] = ()

    scope: Scope
    user: Any = None
    status_code: int | None = None
    data: Any = None

    def __init__(self, send_message: Callable[[BaseModel], Awaitable[None]]) -> None:
        self.send_message = send_message

    # This signature lets type checkers accept an override with the scope and one without.
    async def authenticate(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether the client may connect; write ``authenticate(self)`` or ``authenticate(self, scope)``."""
        where = f"{type(self).__module__}:{type(self).__qualname__}"
        raise NotImplementedError(f"{where} has no authenticate; write `async def authenticate(self) -> bool`")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        method = cls.__dict__.get("authenticate")
        if (
            inspect.isfunction(method)
            and not inspect.iscoroutinefunction(method)
            and not hasattr(method, "__wrapped__")
        ):
            where = f"{cls.__module__}:{cls.__qualname__}.authenticate"
            raise TypeError(f"{where} is a sync method, which would block every connection; write `async def`")

    @property
    def close_code(self) -> int:
        """What a refused connection is closed with: 4000 and the status, ``4401`` unless it set another."""
        return 4000 + (self.status_code or UNAUTHENTICATED)

    def get_query_param(self, name: str, default: str | None = None) -> str | None:
        """Return a parameter of the address' query, the first of several.

        Args:
            name: The parameter's.
            default: What is returned where there is none.
        """
        query = self.scope.get("query_string", b"")
        text = query.decode("utf-8", "replace") if isinstance(query, bytes) else str(query)
        return parse_qs(text, keep_blank_values=True).get(name, [default])[0]

    def get_header(self, name: str, default: str | None = None) -> str | None:
        """Return a header of the handshake, the first of several.

        Args:
            name: The header's, in any case.
            default: What is returned where there is none.
        """
        wanted = name.lower().encode("latin-1")
        for key, value in self.scope.get("headers", ()):
            if key.lower() == wanted:
                return str(value, "latin-1")
        return default

    def get_cookie(self, name: str, default: str | None = None) -> str | None:
        """Return a cookie of the handshake, as ``request.COOKIES`` of Django and ``request.cookies`` of Starlette do.

        Quotes around a value are undone (RFC 2109, 4.1), percent encoding is not; of two with one name it is the last.

        Args:
            name: The cookie's.
            default: What is returned where there is none.
        """
        found = default
        for header, content in self.scope.get("headers", ()):
            if header.lower() != b"cookie":
                continue
            for pair in str(content, "latin-1").split(";"):
                key, is_named, value = pair.partition("=")
                if not is_named:
                    key, value = "", pair  # as browsers send a cookie without a name
                key, value = key.strip(), value.strip()
                if key == name and (key or value):
                    found = _unquoted(value)
        return found


_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


def _unquoted(value: str) -> str:
    """Undo the quotes that ``http.cookies`` puts around a value, as it does itself."""
    if len(value) < 2 or not value.startswith('"') or not value.endswith('"'):
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)) if found[1] else found[2], value[1:-1])


def takes_scope(authenticator: type[BaseAuthenticator]) -> bool:
    """Whether ``authenticate`` wants the scope as an argument."""
    parameters = list(inspect.signature(authenticator.authenticate).parameters.values())
    return len(parameters) > 1


def status_text(status: int) -> str:
    """The phrase of an HTTP status, ``"Forbidden"``."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
