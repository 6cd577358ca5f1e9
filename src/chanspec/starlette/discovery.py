"""Finds the consumers of a Starlette or FastAPI application and the addresses they are reachable at.

It walks what applications, routers, mounts and middlewares hold without calling any of it, and never documents:
``chanspec.asyncapi`` does that with what is found here.
"""

from __future__ import annotations

import copy
import functools
import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from inspect import isfunction, ismethod
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.convertors import Convertor
from starlette.routing import BaseRoute, Host, Mount, Router, WebSocketRoute

from chanspec.asyncapi import wrappers
from chanspec.asyncapi.addresses import AddressError, Parameter, split
from chanspec.asyncapi.walk import Discovery, Parts, Reach, Route, Walker, readable
from chanspec.contract.declarations import DESCRIBED_LATER, described_by
from chanspec.notes import NOTES
from chanspec.problems import Problem
from chanspec.starlette.dependencies import is_for_fastapi, needs_of, unsolved
from chanspec.starlette.reach import Candidate, Candidates, Choice, RootPath, Step, what_is_wrong
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer

__all__ = ["Discovery", "DiscoveryError", "HTTPOnly", "Route", "discover", "walk"]


_MIDDLEWARE_IS_LOST = (
    "its middleware does not run: include_router makes the route anew without it",
    "put the middleware around the endpoint, as in OriginValidator(ChatConsumer.as_asgi())",
)


_DEPENDENCIES_ARE_LOST = (
    "the dependencies of its router do not run: WebSocketRoute is Starlette's",
    "route it as FastAPI does, as in router.websocket(path)(ChatConsumer.as_asgi())",
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
        self._steps: list[Step] = []  # the way to what is looked at
        self._is_solved = False  # whether it is FastAPI that calls it, with what its signature names

    @contextmanager
    def _going(self, step: Step) -> Iterator[None]:
        self._steps.append(step)
        try:
            yield
        finally:
            self._steps.pop()

    def look(self, application: object, path: Parts) -> Reach:
        if self._target is None or application is not self._target:
            return self._look(application, path)
        self.met_target = self._is_inside = True
        try:
            return self._look(application, path)
        finally:
            self._is_inside = False

    def found(self, consumer: type, path: Parts) -> None:
        if not self._is_inside:
            return
        wrong = what_is_wrong(self._steps)
        if wrong is None or self.has(consumer, path):
            super().found(consumer, path)
        else:
            what = f"no connection arrives at it at {readable(path)!r}: {wrong[0]}"
            self.report(Problem(wrappers.name_of(consumer), what, wrong[1], is_error=True))

    def report(self, problem: Problem) -> None:
        if self._is_inside:
            super().report(problem)

    def _look(self, application: object, path: Parts) -> Reach:
        if isinstance(application, HTTPOnly):
            return Reach.HTTP
        if isinstance(application, Starlette):
            return max(Reach.HTTP, self._look_into_application(application, path))
        if isinstance(application, Router):
            return self._look_into_router(application, path)
        if isinstance(application, BaseRoute):  # a route may serve alone
            return self._look_into_routes([application], path)
        if consumer := described_by(application):
            return self._look_at_consumer(consumer, application, path)
        if isinstance(application, type) and callable(getattr(application, "as_asgi", None)):
            return self._look_at_consumer(application, application, path)
        if isinstance(application, type) and hasattr(application, "__await__"):  # an endpoint that says nothing
            return Reach.HTTP
        if self.is_mistaken(application, path):
            return Reach.WEBSOCKET
        return self.look_into_wrapper(application, path)

    def _look_at_consumer(self, consumer: type, application: Any, path: Parts) -> Reach:
        """Take down a consumer whose application is called with a scope."""
        if isinstance(application, type):
            serves = issubclass(application, AsyncJsonWebsocketConsumer) or (
                hasattr(application, "__await__") and not hasattr(application, "as_asgi")
            )
            needs = needs_of(application, {})
        else:
            serves = _is_called_with(application, 3) if _is_described(consumer) else True
            needs = getattr(application, "needs", ())
        if needs and not self._is_solved:
            self.report(unsolved(consumer, needs[0]))
        elif serves:
            self.found(consumer, path)
        elif isinstance(application, type):
            self.is_mistaken(application, path)
        else:
            what = f"it is called with scope, receive and send at {readable(path)!r}, which it does not take"
            cure = "route it with @app.websocket or WebSocketRoute, if it takes a WebSocket"
            self.report(Problem(wrappers.name_of(_unbound(application)), what, cure, is_error=True))
        return Reach.WEBSOCKET

    def _look_into_application(self, application: Starlette, path: Parts) -> Reach:
        if not isinstance(root_path := getattr(application, "root_path", ""), str) or not root_path:
            return self.visit(application.router, path)
        with self._going(RootPath(root_path)):
            return self.visit(application.router, path)

    def _look_into_router(self, router: Router, path: Parts) -> Reach:
        reach = self._look_into_routes(router.routes, path, guarded=bool(getattr(router, "dependencies", ())))
        if getattr(router.default, "__self__", None) is not router:  # its own answers "not found"
            with self._going(Choice(_candidates(router.routes), None)):
                reach = max(reach, self.visit(router.default, path))
        return reach

    def _look_into_routes(self, routes: Iterable[BaseRoute], path: Parts, *, guarded: bool = False) -> Reach:
        """Look into the routes of a router; ``guarded`` by dependencies, if that has some."""
        reach = Reach.HTTP
        candidates = _candidates(routes)
        all_guarded = _guarded(routes, guarded)
        for index, candidate in enumerate(candidates.routes):
            try:
                with self._going(Choice(candidates, index)):
                    reached = self._look_into_route(candidate.kind, candidate.route, path)
                if reached is Reach.WEBSOCKET and id(candidate.kind) in all_guarded:
                    self.report(Problem(f"route {candidate.route.path!r}", *_DEPENDENCIES_ARE_LOST, is_error=True))
                reach = max(reach, reached)
            except AddressError as error:
                self.report(Problem(f"route {candidate.route.path!r}", error.what, error.cure))
        return reach

    def _look_into_route(self, kind: BaseRoute, route: Any, path: Parts) -> Reach:
        if isinstance(kind, WebSocketRoute):
            if kind.app is not kind.endpoint and route.app is route.endpoint:
                self.report(Problem(f"route {route.path!r}", *_MIDDLEWARE_IS_LOST, is_error=True))
            return self._look_into_endpoint(route, _join(path, _parts(route)))
        if isinstance(kind, Mount):
            below = [*_join(path, _parts(route)), "/"]
            reach = self.visit(route.app, below)
            # Middleware that shows nothing of what is inside cannot hide what the mount knows itself.
            return self._look_into_routes(route.routes, below) if reach is Reach.NOTHING else reach
        if isinstance(kind, Host):
            return self.visit(route.app, path)
        return Reach.HTTP

    def _look_into_endpoint(self, route: Any, path: Parts) -> Reach:
        """Look at the endpoint of a WebSocket route.

        FastAPI's route calls it with what its signature names. Starlette's calls a function with a ``WebSocket``, and
        everything else as an ASGI application.
        """
        endpoint = route.endpoint
        if not isinstance(endpoint, type) and self.is_mistaken(endpoint, path):
            return Reach.WEBSOCKET
        dependant = getattr(route, "dependant", None)  # FastAPI's
        function = _unbound(endpoint)
        if isfunction(function) or ismethod(function):
            return self._look_into_function(endpoint, dependant, path)
        if dependant is None:
            return self.enter(endpoint, path)
        if not is_for_fastapi(endpoint):
            within = _Walker(None)
            within.visit(endpoint, path)
            mistake: _Mistake | None = _NOT_CALLED
            consumers = {each.consumer for each in within.result().routes}
        else:
            mistake, consumers = _in_signature(dependant), {described_by(endpoint) or type(endpoint)}
        if mistake is None:
            self._is_solved = True
            try:
                return self.enter(endpoint, path)
            finally:
                self._is_solved = False
        for consumer in consumers:
            self._not_served(consumer, path, mistake)
        return Reach.WEBSOCKET if consumers else Reach.HTTP

    def _look_into_function(self, endpoint: Any, dependant: Any, path: Parts) -> Reach:
        consumer = described_by(endpoint)
        if consumer is None:
            function = _unbound(endpoint)
            if getattr(function, DESCRIBED_LATER, None) is not None:
                self.report(Problem(wrappers.name_of(function), *_DESCRIBED_LATER))
                return Reach.WEBSOCKET
            if getattr(function, NOTES, None):
                self.report(Problem(wrappers.name_of(function), *_NOTES_OF_A_FUNCTION))
            return Reach.HTTP
        if not _is_described(consumer):
            mistake: _Mistake | None = _APPLICATION
        elif dependant is not None:
            mistake = _in_signature(dependant)
            if mistake is _NOT_CALLED:
                mistake = _NOT_CALLED[0], "route it with Mount(path, …), which calls it with scope, receive and send"
        else:
            mistake = None if _is_called_with(endpoint, 1) else _NO_WEBSOCKET
        if mistake is None:
            self.found(consumer, path)
        else:
            self._not_served(consumer, path, mistake)
        return Reach.WEBSOCKET

    def _not_served(self, consumer: type, path: Parts, mistake: _Mistake) -> None:
        what = f"it is routed at {readable(path)!r} {mistake[0]}"
        self.report(Problem(wrappers.name_of(consumer), what, mistake[1], is_error=True))


_Mistake: TypeAlias = tuple[str, str]

_APPLICATION = (
    "by a function, which Starlette does not call as an application",
    "derive the consumer from chanspec.starlette.websocket.AsyncJsonWebsocketConsumer, or use Mount",
)
_NOT_CALLED = (
    "by FastAPI, which calls the application with parameters of the query: nobody is let in",
    "route it with WebSocketRoute(path, …), which calls it with scope, receive and send",
)
_NO_WEBSOCKET = (
    "by WebSocketRoute, whose one argument it does not take",
    "let it take the WebSocket alone, or route it with @app.websocket or Mount",
)
_DESCRIBED_LATER = (
    "it is routed without what @describe says of it, which stands above the decorator that routes it",
    "put @describe right above the function, below @app.websocket",
)
_NOTES_OF_A_FUNCTION = (
    "what its decorators say of its messages is not read, because a function serves a whole connection",
    "declare the messages in a class, and put @describe(TheClass) on the function",
)


def _in_signature(dependant: Any) -> _Mistake | None:
    """What FastAPI can never fill in of what an endpoint takes; ``dependant`` is what it knows of that."""
    required = {each.name for each in dependant.query_params if each.field_info.is_required()}
    waiting, bodies = [dependant], []
    while waiting:
        each = waiting.pop()
        bodies += [field.name for field in each.body_params if field.field_info.is_required()]
        waiting += each.dependencies
    if {"scope", "receive", "send"} <= required | set(bodies):
        return _NOT_CALLED
    if bodies:
        what = f"by FastAPI, which reads its parameter {bodies[0]!r} from a body, and a handshake has none"
        return what, f"give {bodies[0]!r} a Depends(…) or a default"
    return None


def _is_described(consumer: type) -> bool:
    """Whether a class only says what something else serves."""
    return not hasattr(consumer, "as_asgi")


def _is_called_with(application: Any, count: int) -> bool:
    """Whether an application can be called with so many arguments."""
    if not callable(application):
        return False
    try:
        inspect.signature(application).bind(*[None] * count)
    except TypeError:
        return False
    except (ValueError, NameError):  # it has no signature, or an annotation that only type checkers can read
        pass
    return True


def _unbound(endpoint: Any) -> Any:
    """What a partial is of."""
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    return endpoint


def _guarded(routes: Iterable[BaseRoute], guarded: bool) -> set[int]:
    """Starlette's WebSocket routes, by identity, that dependencies of FastAPI's routers are meant to guard."""
    found: set[int] = set()
    for route in routes:
        if (inner := getattr(route, "original_router", None)) is not None:  # an included router
            told = getattr(getattr(route, "include_context", None), "dependencies", ())
            found |= _guarded(inner.routes, bool(guarded or told or getattr(inner, "dependencies", ())))
        elif guarded and isinstance(route, WebSocketRoute) and not hasattr(route, "dependant"):
            found.add(id(route))
    return found


def _candidates(routes: Iterable[BaseRoute]) -> Candidates:
    return Candidates([Candidate(kind, route) for kind, route in _flattened(routes)])


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
