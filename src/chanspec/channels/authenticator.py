"""Authentication of handshakes by Django REST Framework: its authenticators, permissions and object look-up.

The handshake is turned into a request of the view that :attr:`DjangoAuthenticator.auth_view_class` is, so that
what holds for a REST endpoint holds for a WebSocket. How it looks in a document is :mod:`chanspec.channels.security`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any, Literal

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Manager, QuerySet
from django.utils.functional import LazyObject, empty
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.viewsets import ViewSetMixin

from chanspec.channels.origin import check_origin
from chanspec.channels.security import security_schemes
from chanspec.runtime.authenticator import BaseAuthenticator

__all__ = ["AuthMethod", "AuthSerializer", "AuthView", "DjangoAuthenticator"]

AuthMethod = Literal["get", "post", "put", "patch", "delete", "options"]

# What a view set calls the methods of one object.
_ACTIONS: Mapping[str, str] = {
    "get": "retrieve",
    "post": "create",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
    "options": "metadata",
}
_ATTRIBUTES = ("authentication_classes", "permission_classes", "queryset", "lookup_field", "lookup_url_kwarg")


class AuthSerializer(serializers.Serializer[Any]):
    """The answer of :class:`AuthView`."""

    detail = serializers.CharField(read_only=True)


class AuthView(GenericAPIView[Any]):
    """A view that does nothing but authenticate, check permissions and look its object up, whatever the method.

    A subclass may have methods of its own, which are asked where ``override_http_methods`` is off.
    """

    serializer_class = AuthSerializer


class DjangoAuthenticator(BaseAuthenticator):
    """Authenticates a connection as Django REST Framework does a request.

    What a subclass or an instance sets goes before what ``auth_view_class`` has; the defaults below do not.

    Attributes:
        authentication_classes: Of DRF; by default the view's, and so the project's.
        permission_classes: Likewise.
        queryset: Where the object of the connection is looked up; None or True where there is none.
        auth_method: The HTTP method that is emulated.
        auth_view_class: The view that is asked; a generic view, or a view set.
        override_http_methods: Whether the view's own ``get``, ``post``, … are replaced by one that has no effect.
        lookup_field: The field the object is looked up by.
        lookup_url_kwarg: The parameter of the route that holds its value; by default ``lookup_field``'s name.
        user: Who connected, as soon as that is known; ``AnonymousUser`` for a stranger who is let in.
        obj: The object, where there is a queryset.
        request: The emulated request, from when the user is known.

    Example:
        >>> class RoomAuthenticator(DjangoAuthenticator):
        ...     permission_classes = [IsAuthenticated]
        ...     queryset = Room.objects.all()
        ...     obj: Room
    """

    authentication_classes: Sequence[type[Any]]
    permission_classes: Sequence[Any]
    queryset: QuerySet[Any] | Manager[Any] | Literal[True] | None = None
    lookup_field: str = "pk"
    lookup_url_kwarg: str | None = None
    auth_method: AuthMethod = "get"
    auth_view_class: type[GenericAPIView[Any]] = AuthView
    override_http_methods: bool = True
    obj: Any = None
    request: Request | None = None
    _view: _AskedView

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        where = f"{cls.__module__}:{cls.__qualname__}"
        if cls.auth_method not in _ACTIONS:
            raise TypeError(
                f"{where}.auth_method is {cls.auth_method!r}; write one of {', '.join(map(repr, _ACTIONS))}"
            )
        if not isinstance(cls.auth_view_class, type) or not issubclass(cls.auth_view_class, GenericAPIView):
            raise TypeError(
                f"{where}.auth_view_class is {cls.auth_view_class!r}; write a class derived from GenericAPIView"
            )

    @classmethod
    def security_schemes(cls) -> dict[str, dict[str, Any]]:
        """The document's security schemes by name, from the authentication and permission classes."""
        return security_schemes(
            getattr(cls, "authentication_classes", cls.auth_view_class.authentication_classes),
            getattr(cls, "permission_classes", cls.auth_view_class.permission_classes),
        )

    async def authenticate(self) -> bool:
        """Ask the view; ``status_code`` and ``data`` are its answer's."""
        response = await sync_to_async(self._ask)()  # the runtime takes care of the database around this
        self.status_code = response.status_code
        # As a renderer would write it: lazy texts and whatever else DRF knows how to write become plain JSON.
        self.data = json.loads(json.dumps(getattr(response, "data", None), cls=JSONEncoder))
        return bool(response.status_code < 400)

    def get_queryset(self) -> Any:
        """Where the object is looked up; override it to restrict that by ``self.user`` or ``self.scope``."""
        queryset = super(_AskedView, self._view).get_queryset()
        return queryset.all() if isinstance(queryset, Manager) else queryset

    def get_object(self) -> Any:
        """The object of the connection; override it to find it otherwise. Its permissions are checked either way.

        Raises:
            Http404: There is none.
        """
        return super(_AskedView, self._view).get_object()

    def _ask(self) -> Any:
        """Run the view, in the thread that may use the database."""
        view = self._view = _view_class(self.auth_view_class, self.auth_method, self.override_http_methods)()
        view.authenticator = self
        for name in _ATTRIBUTES:
            if self._sets(name):
                setattr(view, name, getattr(self, name))
            else:  # so that an override of a look-up can read it
                setattr(self, name, getattr(view, name, None))
        request = _emulate(self.scope, self.auth_method)
        kwargs = self.scope.get("url_route", {}).get("kwargs") or self.scope.get("path_params", {})
        view.setup(request, **kwargs)
        return view.dispatch(request, **kwargs)

    def _sets(self, name: str) -> bool:
        """Whether the instance or a subclass sets an attribute, so that the view's own does not count."""
        own = type(self).__mro__
        return name in vars(self) or any(name in vars(base) for base in own[: own.index(DjangoAuthenticator)])

    def _looks_up(self) -> bool:
        """Whether connections have an object: a queryset says so, and so does an override of its look-up."""
        queryset = getattr(self._view, "queryset", None)
        if queryset is not None and queryset is not True:
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
    _is_permitted = False

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        check_origin(request)
        # Permissions and look-ups may ask for them.
        self.authenticator.user = _resolved(request.user)
        self.authenticator.request = request

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # What a handshake accepts says nothing about messages.
        return super().perform_content_negotiation(request, True)

    def get_queryset(self) -> Any:
        return self.authenticator.get_queryset()

    def get_object(self) -> Any:
        self._is_permitted = False
        found = self.authenticator.get_object()
        if found is not None and not self._is_permitted:  # an override that found it by itself
            self.check_object_permissions(self.request, found)
        self.authenticator.obj = found
        return found

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        super().check_object_permissions(request, obj)
        self._is_permitted = True


@cache
def _view_class(view_class: type[GenericAPIView[Any]], method: str, overrides: bool) -> type[_AskedView]:
    # AuthView has no method of its own that could be asked instead.
    answers = overrides or (issubclass(view_class, AuthView) and not hasattr(view_class, method))
    members: dict[str, Any] = {method: _answer} if answers else {}
    if issubclass(view_class, ViewSetMixin):  # as_view(actions) would do the same for every method
        action = _ACTIONS[method]
        members["action_map"] = {method: action}
        if not overrides and hasattr(view_class, action):
            members[method] = getattr(view_class, action)
    made: type[_AskedView] = type(view_class.__name__, (_AskedView, view_class), members)
    return made


def _answer(view: _AskedView, request: Request, *args: Any, **kwargs: Any) -> Response:
    """What the emulated method does: look the object up, if there is one, and say that all is well."""
    if view.authenticator._looks_up():
        view.get_object()
    return Response({"detail": "ok"})


def _emulate(scope: Any, method: str) -> ASGIRequest:
    """The handshake as a request of ``method``: its path, query, headers, cookies, session and user."""
    secure = scope.get("scheme") in ("wss", "https")
    http = {**scope, "type": "http", "method": method.upper(), "scheme": "https" if secure else "http"}
    request = ASGIRequest(http, BytesIO())
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # a handshake has no token: check_origin
    if "session" in scope:
        request.session = scope["session"]
    request.user = scope.get("user") or AnonymousUser()
    return request


def _resolved(user: Any) -> Any:
    """The user itself: a lazy one must not be asked for in the event loop, where it may query the database."""
    if isinstance(user, LazyObject):
        if user._wrapped is empty:
            user._setup()
        user = user._wrapped
    return AnonymousUser() if user is None else user
