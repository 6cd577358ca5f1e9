"""Authentication of handshakes by Django REST Framework: its authenticators, permissions and object look-up.

The handshake is turned into a request of the view that :attr:`DjangoAuthenticator.auth_view_class` is, so that
what holds for a REST endpoint holds for a WebSocket.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Manager, QuerySet
from django.utils.http import is_same_domain
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from chanspec.runtime.authenticator import BaseAuthenticator

AuthMethod = Literal["get", "post", "put", "patch", "delete", "options"]
_METHODS = ("get", "post", "put", "patch", "delete", "options")
_SAFE = ("get", "options")
_ATTRIBUTES = ("authentication_classes", "permission_classes", "queryset", "lookup_field", "lookup_url_kwarg")


class AuthSerializer(serializers.Serializer[Any]):
    """The answer of :class:`AuthView`."""

    detail = serializers.CharField(read_only=True)


class AuthView(GenericAPIView[Any]):
    """A view that does nothing but authenticate, check permissions and look its object up."""

    serializer_class = AuthSerializer


class DjangoAuthenticator(BaseAuthenticator):
    """Authenticates a connection as Django REST Framework does a request.

    What is set on the class (or on an instance) goes before what ``auth_view_class`` has.

    Attributes:
        authentication_classes: Of DRF; by default the view's, and so the project's.
        permission_classes: Likewise.
        queryset: Where the object of the connection is looked up; None or True where there is none.
        auth_method: The HTTP method that is emulated.
        auth_view_class: The view that is asked.
        override_http_methods: Whether the view's own ``get``, ``post``, … are replaced by one that has no effect.
        lookup_field: The field the object is looked up by.
        lookup_url_kwarg: The path parameter that holds its value; by default ``lookup_field``'s name.
        user: Who connected, once authenticated.
        obj: The object, where there is a queryset.
        request: The emulated request, once :meth:`authenticate` ran.
    """

    authentication_classes: Sequence[type[Any]]
    permission_classes: Sequence[Any]
    queryset: QuerySet[Any] | Manager[Any] | Literal[True] | None
    lookup_field: str
    lookup_url_kwarg: str | None
    auth_method: AuthMethod = "get"
    auth_view_class: type[GenericAPIView[Any]] = AuthView
    override_http_methods: bool = True
    obj: Any = None
    request: Request | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.auth_method not in _METHODS:
            raise TypeError(
                f"{cls.__module__}:{cls.__qualname__}.auth_method is {cls.auth_method!r}; "
                f"write one of {', '.join(map(repr, _METHODS))}"
            )

    @classmethod
    def security_schemes(cls) -> dict[str, dict[str, Any]]:
        """The document's security schemes by name, from the authentication and permission classes."""
        classes = getattr(cls, "authentication_classes", cls.auth_view_class.authentication_classes)
        permissions = getattr(cls, "permission_classes", cls.auth_view_class.permission_classes)
        named = ", ".join(getattr(each, "__name__", str(each)) for each in permissions)
        required = f"Permissions: {named}." if named else ""
        return dict(_scheme(each, required) for each in classes)

    async def authenticate(self) -> bool:
        """Ask the view; ``status_code`` and ``data`` are its answer's."""
        response = await database_sync_to_async(self._ask)()
        self.status_code = response.status_code
        self.data = response.data
        return bool(response.status_code < 400)

    def get_queryset(self) -> QuerySet[Any]:
        """Where the object is looked up; override it to restrict that by ``self.scope``."""
        queryset: QuerySet[Any] = super(_AskedView, self._view).get_queryset()
        return queryset

    def get_object(self) -> Any:
        """The object of the connection; override it to find it otherwise.

        Raises:
            Http404: There is none.
        """
        return super(_AskedView, self._view).get_object()

    def _ask(self) -> Response:
        """Run the view in the thread that may use the database."""
        view = self._view = _view_class(self.auth_view_class, self.auth_method, self.override_http_methods)()
        view.authenticator = self
        for name in _ATTRIBUTES:
            if hasattr(self, name):
                setattr(view, name, getattr(self, name))
        kwargs = self.scope.get("url_route", {}).get("kwargs") or self.scope.get("path_params", {})
        response = view.dispatch(_emulate(self.scope, self.auth_method), **kwargs)
        self.request = view.request
        # The user may be lazy until here, and must not be asked for in the event loop.
        user = view.request.user
        self.user = getattr(user, "_wrapped", user)
        assert isinstance(response, Response)
        return response

    def _looks_up(self) -> bool:
        """Whether connections have an object: a queryset says so, and so does an override of its look-up."""
        if getattr(self._view, "queryset", None) not in (None, True):
            return True
        own, view = type(self), self.auth_view_class
        return (
            own.get_queryset is not DjangoAuthenticator.get_queryset
            or own.get_object is not DjangoAuthenticator.get_object
            or view.get_queryset is not GenericAPIView.get_queryset
            or view.get_object is not GenericAPIView.get_object
        )


class _AskedView(GenericAPIView[Any]):
    """Put before a view class: the view then asks its authenticator, which asks the view class in turn."""

    authenticator: DjangoAuthenticator

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        _check_origin(request)

    def get_queryset(self) -> QuerySet[Any]:
        return self.authenticator.get_queryset()

    def get_object(self) -> Any:
        self.authenticator.obj = found = self.authenticator.get_object()
        return found


@cache
def _view_class(view_class: type[GenericAPIView[Any]], method: str, overrides: bool) -> type[_AskedView]:
    methods = {method: _answer} if overrides else {}
    made: type[_AskedView] = type(view_class.__name__, (_AskedView, view_class), methods)
    return made


def _answer(view: _AskedView, request: Request, *args: Any, **kwargs: Any) -> Response:
    """What the emulated method does: look the object up, if there is one, and say that all is well."""
    if view.authenticator._looks_up():
        view.get_object()
    return Response({"detail": "ok"})


def _scheme(authentication: type[Any], required: str) -> tuple[str, dict[str, Any]]:
    """A Security Scheme Object for an authentication class, by what it challenges clients with (RFC 9110, 11.6.1)."""
    name = authentication.__name__
    name = name[0].lower() + name[1:]
    if issubclass(authentication, SessionAuthentication):
        cookie = f"The session cookie. {required}".strip()
        return name, {"type": "httpApiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": cookie}
    challenge = authentication().authenticate_header(_NoRequest()) or ""
    kind = challenge.partition(" ")[0]
    if kind.lower() in ("basic", "bearer"):
        described = {"description": required} if required else {}
        return name, {"type": "http", "scheme": kind.lower(), **described}
    header = f"As `Authorization: {kind} …`. {required}" if kind else required
    api_key = {"type": "httpApiKey", "in": "header", "name": "Authorization"}
    return name, {**api_key, **({"description": header.strip()} if header else {})}


class _NoRequest:
    """Stands for the request where an authentication class is only asked for its name: it has no headers."""

    META: ClassVar[dict[str, str]] = {}


def _emulate(scope: Any, method: str) -> ASGIRequest:
    """The handshake as a request of ``method``: its path, query, headers, cookies, session and user."""
    secure = scope.get("scheme") in ("wss", "https")
    http = {**scope, "type": "http", "method": method.upper(), "scheme": "https" if secure else "http"}
    request = ASGIRequest(http, BytesIO())
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # a handshake has no token: _check_origin
    if "session" in scope:
        request.session = scope["session"]
    request.user = scope.get("user") or AnonymousUser()
    return request


def _check_origin(request: Request) -> None:
    """Refuse a session that a page of another site brought along.

    Browsers name the page's origin in every WebSocket handshake (RFC 6455, 4.1); it does here what a CSRF token does
    for forms.

    Raises:
        PermissionDenied: The origin is not this site's, nor one of ``CSRF_TRUSTED_ORIGINS``.
    """
    if not isinstance(request.successful_authenticator, SessionAuthentication):
        return
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None and request.method.lower() in _SAFE:
        return  # no browser, which can be made to send nothing against its user's will
    if origin is None or not _is_trusted(origin, request):
        raise exceptions.PermissionDenied("The origin of the connection is not allowed.")


def _is_trusted(origin: str, request: Request) -> bool:
    if origin == f"{request.scheme}://{request.get_host()}":
        return True
    asked = urlsplit(origin)
    for trusted in map(urlsplit, settings.CSRF_TRUSTED_ORIGINS):
        if asked.scheme == trusted.scheme and is_same_domain(asked.netloc, trusted.netloc.removeprefix("*")):
            return True
    return False
