"""Finds the consumers of an ASGI application and the addresses they are reachable at.

It walks what routing objects hold (``ProtocolTypeRouter``, ``URLRouter``, any middleware) without calling
anything, and never documents: ``chanspec.asyncapi`` does that with what is found here.
"""

from __future__ import annotations

from typing import Any

from channels.consumer import AsyncConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler

from chanspec.asyncapi import wrappers
from chanspec.asyncapi.addresses import AddressError
from chanspec.asyncapi.walk import Discovery, Parts, Reach, Route, Walker
from chanspec.channels.patterns import paths_of
from chanspec.imports import ImportFailedError, applications_in, imported
from chanspec.problems import Problem, near_match

__all__ = ["Discovery", "DiscoveryError", "Route", "default_application", "discover", "walk"]

_NEVER_MATCHES = (
    "it begins with a slash, so it never matches: URLRouter removes the slash before matching",
    "remove the leading slash",
)


class DiscoveryError(ImproperlyConfigured, ValueError):
    """There is no ASGI application to walk, or it serves no WebSocket."""


def discover(application: object = None) -> list[Route]:
    """The routes of every consumer that has a contract, in routing order; problems are logged as warnings.

    Args:
        application: By default the one that the setting ``ASGI_APPLICATION`` names.

    Raises:
        DiscoveryError: There is none, or it has no WebSocket part.
    """
    discovery = walk(application)
    discovery.log()
    return discovery.documented


def walk(application: object = None) -> Discovery:
    """All consumers of an application, with or without a contract, and the problems met.

    Its argument and errors are those of ``discover``.
    """
    if application is None:
        application = default_application()
    walker = _Walker()
    if walker.enter(application, []) is not Reach.WEBSOCKET and not walker.problems:
        raise DiscoveryError(
            f"{wrappers.name_of(application)} has no websocket part: no consumer, URLRouter or"
            ' ProtocolTypeRouter with the key "websocket" was found in it;'
            ' write ProtocolTypeRouter({"http": ..., "websocket": ...}) in asgi.py'
        )
    return walker.result()


def default_application() -> object:
    """The application that the setting ``ASGI_APPLICATION`` names; raises ``DiscoveryError`` where there is none."""
    name = getattr(settings, "ASGI_APPLICATION", None)
    module_name, dot, attribute = name.rpartition(".") if isinstance(name, str) else ("", "", "")
    if not dot:
        state = "is not set" if name is None else f"is {name!r}"
        raise DiscoveryError(
            f"ASGI_APPLICATION {state}, and consumers are found through it; set it to your ASGI application, as"
            ' "mysite.asgi.application", or name the consumers'
        )
    try:
        module = imported(module_name)
    except ImportFailedError as error:
        if isinstance(error.__cause__, ImproperlyConfigured):  # which names its setting itself
            raise error.__cause__ from None
        raise DiscoveryError(f"ASGI_APPLICATION is {name!r}: {error}") from error
    if not hasattr(module, attribute):
        has = applications_in(module)
        hint = near_match(attribute, has) or (f"; it has {', '.join(has[:5])}" if has else "")
        raise DiscoveryError(f"ASGI_APPLICATION is {name!r}, and {module_name} has no {attribute!r}{hint}")
    application: object = getattr(module, attribute)
    return application


class _Walker(Walker):
    def look(self, application: object, path: Parts) -> Reach:
        if consumer := _consumer_of(application):
            self.found(consumer, path)
            return Reach.WEBSOCKET
        if self.is_mistaken(application, path):
            return Reach.WEBSOCKET
        if isinstance(application, BaseHandler):
            # ASGIStaticFilesHandler is one, and passes WebSockets on.
            inner = vars(application).get("application")
            return Reach.HTTP if inner is None else max(Reach.HTTP, self.visit(inner, path))
        if isinstance(application, ProtocolTypeRouter):
            return self._look_into_protocols(application, path)
        if isinstance(application, URLRouter):
            for route in application.routes:
                self._look_into_route(route, path)
            return Reach.WEBSOCKET
        return self.look_into_wrapper(application, path)

    def _look_into_protocols(self, router: Any, path: Parts) -> Reach:
        if "websocket" not in router.application_mapping:
            return Reach.HTTP
        self.enter(router.application_mapping["websocket"], path)
        return Reach.WEBSOCKET

    def _look_into_route(self, route: Any, path: Parts) -> None:
        where = f"route {str(route.pattern)!r}"
        try:
            spellings = paths_of(route.pattern)
        except AddressError as error:
            self.report(Problem(where, error.what, error.cure))
            return
        if any(_starts_with_slash(parts) for parts in spellings):
            self.report(Problem(where, *_NEVER_MATCHES))
            return
        for parts in spellings:
            self.enter(route.callback, _join(path, parts))


def _consumer_of(application: object) -> type | None:
    """The class behind ``as_asgi()``; a wrapper made with ``functools.wraps`` carries the same attribute."""
    try:
        attributes = vars(application)
    except TypeError:
        attributes = {}
    consumer = attributes.get("consumer_class")
    if isinstance(consumer, type):
        return consumer
    return type(application) if isinstance(application, AsyncConsumer) else None


def _join(path: Parts, parts: Parts) -> Parts:
    """Nested routers drop the slash between them, so it is written where neither side has it."""
    last = path[-1] if path else "/"
    if parts and not (isinstance(last, str) and last.endswith("/")):
        return [*path, "/", *parts]
    return [*path, *parts]


def _starts_with_slash(parts: Parts) -> bool:
    return bool(parts) and isinstance(parts[0], str) and parts[0].startswith("/")
