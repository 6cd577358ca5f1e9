"""Finds the consumers of a Starlette or FastAPI application and the addresses they are reachable at.

It walks what applications, routers, mounts and middlewares hold without calling any of it, and never documents:
``chanspec.asyncapi`` does that with what is found here.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable, Iterator, Mapping
from inspect import isfunction, ismethod
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import Convertor
from starlette.routing import BaseRoute, Host, Mount, Router, WebSocketRoute

from chanspec.asyncapi import wrappers
from chanspec.asyncapi.addresses import AddressError, Parameter, split
from chanspec.asyncapi.walk import Discovery, Parts, Reach, Route, Walker, readable
from chanspec.problems import Problem

__all__ = ["Discovery", "DiscoveryError", "HTTPOnly", "Route", "discover", "walk"]


_MIDDLEWARE_IS_LOST = (
    "its middleware does not run: include_router makes the route anew without it",
    "put the middleware around the endpoint, as in OriginValidator(ChatConsumer.as_asgi())",
)


class HTTPOnly:
    """Base class of applications that serve no WebSocket, whatever they hold."""


class DiscoveryError(ValueError):
    """The application cannot be walked: nothing in it routes WebSockets."""


def discover(application: object, *, within: object = None) -> list[Route]:
    """The routes of every consumer that has a contract, in routing order; problems are logged as warnings.

    Args:
        application: A Starlette or FastAPI application, a router, or either inside middleware.
        within: The application that the server runs, where ``application`` is mounted somewhere in it: addresses
            then begin at the server's root.

    Raises:
        DiscoveryError: There is no router and no consumer in the application.
    """
    discovery = walk(application, within=within)
    discovery.log()
    return discovery.documented


def walk(application: object, *, within: object = None) -> Discovery:
    """All consumers of an application, with or without a contract, and the problems met.

    Its arguments and errors are those of ``discover``.
    """
    target = _core(application)
    if within is not None:
        walker = _Walker(target)
        walker.enter(within, [])
        if walker.met_target:
            return walker.result()
    walker = _Walker(None)
    if walker.enter(application, []) is Reach.NOTHING and not walker.problems:
        raise DiscoveryError(
            f"{wrappers.name_of(application)} leads to no router and no consumer; pass the Starlette or FastAPI"
            " application, or name the consumers and their paths"
        )
    return walker.result()


def _core(application: object) -> object:
    """The router of an application: it is met on the way from a server's root even where the application is not."""
    return application.router if isinstance(application, Starlette) else application


class _Walker(Walker):
    """Walks everything, and keeps what concerns ``target`` or lies behind it; without one, keeps everything."""

    def __init__(self, target: object) -> None:
        super().__init__()
        self.met_target = False
        self._target = target
        self._is_inside = target is None

    def look(self, application: object, path: Parts) -> Reach:
        if self._target is None or application is not self._target:
            return self._look(application, path)
        self.met_target = self._is_inside = True
        try:
            return self._look(application, path)
        finally:
            self._is_inside = False

    def found(self, consumer: type, path: Parts) -> None:
        if self._is_inside:
            super().found(consumer, path)

    def report(self, problem: Problem) -> None:
        if self._is_inside:
            super().report(problem)

    def _look(self, application: object, path: Parts) -> Reach:
        if consumer := _consumer_of(application):
            self.found(consumer, path)
            return Reach.WEBSOCKET
        if self.is_mistaken(application, path):
            return Reach.WEBSOCKET
        if isinstance(application, HTTPOnly):
            return Reach.HTTP
        if isinstance(application, Starlette):
            return max(Reach.HTTP, self.visit(application.router, path))
        if isinstance(application, Router):
            return self._look_into_router(application, path)
        if isinstance(application, BaseRoute):  # a route may serve alone
            return self._look_into_routes([application], path)
        return self.look_into_wrapper(application, path)

    def _look_into_router(self, router: Router, path: Parts) -> Reach:
        reach = self._look_into_routes(router.routes, path)
        if getattr(router.default, "__self__", None) is not router:  # its own answers "not found"
            reach = max(reach, self.visit(router.default, path))
        return reach

    def _look_into_routes(self, routes: Iterable[BaseRoute], path: Parts) -> Reach:
        reach = Reach.HTTP
        for kind, route in _flattened(routes):
            try:
                reach = max(reach, self._look_into_route(kind, route, path))
            except AddressError as error:
                self.report(Problem(f"route {route.path!r}", error.what, error.cure))
        return reach

    def _look_into_route(self, kind: BaseRoute, route: Any, path: Parts) -> Reach:
        if isinstance(kind, WebSocketRoute):
            if kind.app is not kind.endpoint and route.app is route.endpoint:
                self.report(Problem(f"route {route.path!r}", *_MIDDLEWARE_IS_LOST))
            return self._look_into_endpoint(route.endpoint, _join(path, _parts(route)))
        if isinstance(kind, Mount):
            below = [*_join(path, _parts(route)), "/"]
            reach = self.visit(route.app, below)
            # Middleware that shows nothing of what is inside cannot hide what the mount knows itself.
            return self._look_into_routes(route.routes, below) if reach is Reach.NOTHING else reach
        if isinstance(kind, Host):
            return self.visit(route.app, path)
        return Reach.HTTP

    def _look_into_endpoint(self, endpoint: Any, path: Parts) -> Reach:
        """Starlette calls functions with a ``WebSocket``, and everything else as an ASGI application."""
        if not (isfunction(endpoint) or ismethod(endpoint)):
            return self.enter(endpoint, path)
        if self.is_mistaken(endpoint, path):
            return Reach.WEBSOCKET
        if consumer := _consumer_of(endpoint):
            what = f"it is routed at {readable(path)!r} by a function, which Starlette does not call as an application"
            cure = "derive the consumer from chanspec.starlette.websocket.AsyncJsonWebsocketConsumer, or use Mount"
            self.report(Problem(wrappers.name_of(consumer), what, cure))
        return Reach.HTTP


def _flattened(routes: Iterable[BaseRoute]) -> Iterator[tuple[BaseRoute, Any]]:
    """Each route with the form of it that is served: FastAPI puts the prefixes of included routers before its path."""
    contexts = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", None)
    for route in routes:
        if contexts is None or isinstance(route, WebSocketRoute | Mount | Host):
            yield route, route
            continue
        # Of a copy, because an included router keeps the routes it was first asked for.
        for context in contexts([copy.copy(route)]):
            yield context.original_route, context


def _parts(route: Any) -> Parts:
    converters = {name: _parameter(name, converter) for name, converter in route.param_convertors.items()}
    return split(route.path, {name: described for name, described in converters.items() if described})


def _parameter(name: str, converter: Convertor[Any]) -> Parameter | None:
    """What a convertor of the project's own says; Starlette's are known by their names."""
    if type(converter).__module__ == Convertor.__module__:
        return None
    schema = {"type": "string"}
    if not any(sign in converter.regex for sign in _NOT_IN_JSON_SCHEMA):
        schema["pattern"] = f"^(?:{converter.regex})$"
    summary = (type(converter).__doc__ or "").strip().partition("\n")[0]
    return Parameter(name, schema, summary)


_NOT_IN_JSON_SCHEMA = ("(?P", "(?<", "(?(", "(?#", "(?i", "(?x", "(?s", "(?m", "(?a", r"\A", r"\Z", "*+", "++", "?+")
"""What regular expressions of Python may hold and those of JSON Schema (ECMA-262) may not."""


def _join(path: Parts, parts: Parts) -> Parts:
    """Put a route behind a mount: one of the two slashes between them goes."""
    if path and path[-1] == "/" and parts and isinstance(parts[0], str):
        return [*path[:-1], *parts]
    return [*path, *parts]


def _consumer_of(application: object) -> type | None:
    """The class behind ``as_asgi()``; a wrapper made with ``functools.wraps`` carries the same attribute."""
    attributes: Mapping[str, Any] = getattr(application, "__dict__", {})
    consumer = attributes.get("consumer_class")
    return consumer if isinstance(consumer, type) and not isinstance(application, type) else None
