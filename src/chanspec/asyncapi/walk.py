"""What the search for consumers has in common in every framework: wrappers, addresses, and what stays hidden.

It knows no router. ``chanspec.channels.discovery`` and ``chanspec.starlette.discovery`` say what theirs hold.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from types import MethodType
from typing import TypeAlias

from chanspec.asyncapi import wrappers
from chanspec.asyncapi.addresses import Address, AddressError, Parameter, build
from chanspec.bases import is_served
from chanspec.contract import contract_of
from chanspec.problems import Problem

__all__ = ["Discovery", "Parts", "Reach", "Route", "Walker", "readable"]

logger = logging.getLogger("chanspec")

MAX_TOLD = 3

Parts: TypeAlias = list[str | Parameter]
"""A path: literal text, and the parameters in it."""


@dataclass(frozen=True, slots=True)
class Route:
    """A consumer class and one address it is reachable at."""

    consumer: type
    address: Address


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a walk found: every consumer with its addresses, and what could not be looked into."""

    routes: tuple[Route, ...]
    problems: tuple[Problem, ...]

    @property
    def documented(self) -> list[Route]:
        """The routes whose consumer declares an action or an event."""
        return [route for route in self.routes if contract_of(route.consumer)]

    def why_nothing(self) -> str:
        """Why none of the routed consumers is documented, and what to do, as the end of a sentence."""
        if self.problems:
            more = len(self.problems) - MAX_TOLD
            told = "; ".join(str(problem) for problem in self.problems[:MAX_TOLD])
            return f"{told}; and {more} more" if more > 0 else told
        if not self.routes:
            return "no consumer is routed; route one by its as_asgi()"
        names = list(dict.fromkeys(wrappers.name_of(route.consumer) for route in self.routes))
        some = ", ".join(names[:MAX_TOLD]) + (", …" if len(names) > MAX_TOLD else "")
        return f"{some} declare no message; decorate methods with @ws_handler, or with @document_action"

    def log(self) -> None:
        """Log the problems as warnings."""
        for problem in self.problems:
            logger.warning("%s", problem)


class Reach(IntEnum):
    """What an application was seen to lead to."""

    NOTHING = 0
    HTTP = 1
    WEBSOCKET = 2


class Walker(ABC):
    """One walk. A ``path`` is always what the routers above have matched."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._routes: dict[tuple[type, str], Route] = {}
        self._above: set[int] = set()
        # Applications that led nowhere, each with the middleware to blame for it. Being kept, none can hand its id on.
        self._dead: dict[int, tuple[object, object]] = {}

    @abstractmethod
    def look(self, application: object, path: Parts) -> Reach:
        """Look at one application: recognise the framework's own, and leave others to ``look_into_wrapper``."""

    def result(self) -> Discovery:
        return Discovery(tuple(self._routes.values()), tuple(dict.fromkeys(self.problems)))

    def enter(self, application: object, path: Parts) -> Reach:
        """Walk an application that is known to serve ``path``; one that leads nowhere is a problem."""
        reach = self.visit(application, path)
        opaque = self._blamed_for(application)
        if reach is Reach.NOTHING and opaque is not None:
            self.report(_opaque(opaque, path))
        return reach

    def visit(self, application: object, path: Parts) -> Reach:
        """Walk an application that may lead nowhere."""
        key = id(application)
        if key in self._above or key in self._dead or len(self._above) > wrappers.MAX_DEPTH:
            return Reach.NOTHING
        self._above.add(key)
        try:
            return self.look(application, path)
        finally:
            self._above.discard(key)

    def look_into_wrapper(self, application: object, path: Parts) -> Reach:
        """Look for inner applications: under the usual names first, then in whatever a middleware holds."""
        reach = Reach.NOTHING
        blamed: object = application if wrappers.was_given_something(application) else None
        if wrappers.is_application(application):
            for candidates in wrappers.inner_of(application):
                reach = max([reach, *(self.visit(candidate, path) for candidate in candidates)])
                if reach is Reach.WEBSOCKET:
                    return reach
                if len(candidates) == 1 and blamed is application:
                    blamed = self._blamed_for(candidates[0]) or application
        if reach is Reach.NOTHING:
            self._dead[id(application)] = (application, blamed)
        return reach

    def _blamed_for(self, application: object) -> object:
        return self._dead.get(id(application), (None, None))[1]

    def found(self, consumer: type, path: Parts) -> None:
        """Take down a consumer that is served at ``path``."""
        try:
            address = build(path)
        except AddressError as error:
            what = f"at {readable(path)!r}, {error.what}"
            self.report(Problem(wrappers.name_of(consumer), what, error.cure))
            return
        self._routes.setdefault((consumer, address.path), Route(consumer, address))

    def has(self, consumer: type, path: Parts) -> bool:
        """Whether a consumer was found at ``path`` already."""
        try:
            return (consumer, build(path).path) in self._routes
        except AddressError:
            return False

    def is_mistaken(self, application: object, path: Parts) -> bool:
        """Report what was routed in place of the application that ``as_asgi()`` makes."""
        consumer, what = application, "the class itself"
        if isinstance(application, MethodType) and application.__name__ == "as_asgi":
            consumer, what = application.__self__, "as_asgi, without parentheses,"
        elif not isinstance(application, type):
            if not is_served(type(application)):
                return False
            consumer, what = type(application), "one instance for all connections"
        if not isinstance(consumer, type) or not callable(getattr(consumer, "as_asgi", None)):
            return False
        told = f"{what} is routed at {readable(path)!r}, which does not serve"
        self.report(Problem(wrappers.name_of(consumer), told, f"write {consumer.__name__}.as_asgi()", is_error=True))
        return True

    def report(self, problem: Problem) -> None:
        """Take down what stands in the way."""
        self.problems.append(problem)


def readable(path: Parts) -> str:
    """A path as messages show it."""
    return "/" + "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in path).lstrip("/")


def _opaque(application: object, path: Parts) -> Problem:
    return Problem(
        wrappers.name_of(application),
        f"the application inside this middleware cannot be seen, so consumers behind {readable(path)!r} may be missing",
        "keep it in an attribute named `inner` or `app`, or name the consumers and their paths yourself",
    )
