"""Finds the consumers of an ASGI application and the addresses they are reachable at.

It walks what routing objects hold (``ProtocolTypeRouter``, ``URLRouter``, any middleware) without calling
anything, and never documents: ``chanspec.asyncapi`` does that with what is found here. What the routers then do with
such an address, ``reaching`` asks them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from channels.consumer import AsyncConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler
from django.utils import translation

from chanspec.asyncapi import wrappers
from chanspec.asyncapi.addresses import AddressError
from chanspec.asyncapi.walk import Discovery, Parts, Reach, Route, Walker
from chanspec.channels.patterns import paths_of
from chanspec.channels.reaching import Ends, Hop, Reaching, join
from chanspec.imports import ImportFailedError, applications_in, imported
from chanspec.problems import Problem, near_match

__all__ = ["Discovery", "DiscoveryError", "Route", "default_application", "discover", "walk"]


class DiscoveryError(ImproperlyConfigured, ValueError):
    """There is no ASGI application to walk, or it serves no WebSocket."""


def discover(application: object = None) -> list[Route]:
    """The routes of every consumer that has a contract, in routing order; problems are logged as warnings.

    A route that ``URLRouter`` leads nothing to is a problem, and not among them.

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
    with _language_of_connections():
        reach = walker.enter(application, [])
    walker.settle()
    if reach is not Reach.WEBSOCKET and not walker.problems:
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


def _language_of_connections() -> AbstractContextManager[Any]:
    """The language in which translated routes are matched: no middleware of Django's sets another for a WebSocket."""
    return translation.override(settings.LANGUAGE_CODE) if apps.ready else nullcontext()


class _Walker(Walker):
    def __init__(self) -> None:
        super().__init__()
        self._hops: list[Hop] = []
        self._ends: dict[int, Ends] = {}
        self._reaching = Reaching(self._ends)
        self._arrived: set[tuple[int, ...]] = set()
        self._unspelled: list[tuple[tuple[int, ...], Problem]] = []

    def look(self, application: object, path: Parts) -> Reach:
        if consumer := _consumer_of(application):
            self._note(consumer)
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
            self._note(application)
            for route in application.routes:
                self._look_into_route(application, route, path)
            return Reach.WEBSOCKET
        return self.look_into_wrapper(application, path)

    def found(self, consumer: type, path: Parts) -> None:
        """Take down a consumer if the routers lead to it."""
        if not self._hops:
            super().found(consumer, path)
            return
        way = tuple(id(hop.route) for hop in self._hops)
        verdict = self._reaching.judge(consumer, wrappers.name_of(consumer), self._hops, path)
        if verdict.is_documented:
            self._arrived.add(way)
            super().found(consumer, path)
        if verdict.problem is None:
            return
        problem = replace(verdict.problem, is_error=not verdict.is_documented)
        if verdict.is_documented or verdict.is_taken:
            self.report(problem)
        else:
            self._unspelled.append((way, problem))

    def settle(self) -> None:
        """Report the routes that lead nowhere.

        A regular expression is read as several paths, and may match some of them only. That is no mistake.
        """
        for way, problem in self._unspelled:
            if way not in self._arrived:
                self.report(problem)

    def _note(self, end: object) -> None:
        """Remember what was found behind the route that is looked into."""
        if self._hops:
            ends = self._ends[id(self._hops[-1].route)].found
            if not any(end is each for each in ends):
                ends.append(end)

    def _look_into_protocols(self, router: Any, path: Parts) -> Reach:
        if "websocket" not in router.application_mapping:
            return Reach.HTTP
        self.enter(router.application_mapping["websocket"], path)
        return Reach.WEBSOCKET

    def _look_into_route(self, router: URLRouter, route: Any, path: Parts) -> None:
        try:
            spellings = paths_of(route.pattern)
        except AddressError as error:
            self.report(Problem(f"route {str(route.pattern)!r}", error.what, error.cure))
            self._ends.setdefault(id(route), Ends()).is_open = True
            return
        ends = self._ends.setdefault(id(route), Ends())
        for parts in spellings:
            self._hops.append(Hop(router, route, parts))
            reach = self.enter(route.callback, join(path, parts))
            self._hops.pop()
            ends.is_open |= reach is Reach.NOTHING and self._blamed_for(route.callback) is not None


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
