"""Django REST Framework's authentication and permission classes as Security Scheme Objects (AsyncAPI 3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AND, NOT, OR, OperandHolder, SingleOperandHolder


def security_schemes(authentication: Iterable[type[Any]], permissions: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """Return a scheme for each authentication class, by name.

    A document shares schemes that are alike; those with other permissions are not.

    Args:
        authentication: DRF's authentication classes, or classes like them.
        permissions: DRF's permission classes, also combined with ``&``, ``|`` and ``~``.
    """
    named = [_permission(each) for each in permissions]
    required = {"x-permissions": named} if named else {}
    schemes: dict[str, dict[str, Any]] = {}
    for each in authentication:
        name = each.__name__[0].lower() + each.__name__[1:]
        scheme, text = _scheme(each)
        allowed = f"Permissions: {', '.join(named)}." if named else ""
        description = " ".join(filter(None, (text, allowed)))
        schemes[name] = {**scheme, **({"description": description} if description else {}), **required}
    return schemes


def _scheme(authentication: type[Any]) -> tuple[dict[str, Any], str]:
    """The scheme of an authentication class, by what it challenges clients with (RFC 9110, 11.6.1), and its text."""
    if issubclass(authentication, SessionAuthentication):
        cookie = {"type": "httpApiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        return cookie, "The session cookie, which browsers send by themselves."
    kind = _challenge(authentication).partition(" ")[0]
    if kind.lower() in ("basic", "bearer"):
        return {"type": "http", "scheme": kind.lower()}, ""
    header = {"type": "httpApiKey", "in": "header", "name": "Authorization"}
    return header, f"As `Authorization: {kind} …`." if kind else ""


def _challenge(authentication: type[Any]) -> str:
    """What a class would write into ``WWW-Authenticate``; nothing where that depends on a request, or fails."""
    try:
        return str(authentication().authenticate_header(_NoRequest()) or "")
    except Exception:  # code of the application's, asked out of place
        return ""


class _NoRequest:
    """Stands for the request where an authentication class is only asked for its name: it has no headers."""

    META: ClassVar[dict[str, str]] = {}
    headers: ClassVar[dict[str, str]] = {}


_OPERATORS: dict[Any, str] = {AND: "and", OR: "or", NOT: "not"}


def _permission(permission: Any) -> str:
    """``IsAuthenticated``, or ``(IsAuthenticated and IsOwner)``."""
    if isinstance(permission, OperandHolder | SingleOperandHolder):
        combined: Any = permission
        operator = _OPERATORS.get(combined.operator_class, "?")
        first = _permission(combined.op1_class)
        if isinstance(permission, SingleOperandHolder):
            return f"{operator} {first}"
        return f"({first} {operator} {_permission(combined.op2_class)})"
    return str(getattr(permission, "__name__", None) or type(permission).__name__)
