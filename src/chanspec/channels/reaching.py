"""Asks Channels' own ``URLRouter`` where a path leads, and says why a consumer is not reached.

The routers run with their own patterns, and with stand-ins for the applications and converters behind them: nothing of
the project's is called. It does not find consumers; ``discovery`` does.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from types import SimpleNamespace
from typing import Any

from channels.routing import URLRouter
from django.urls import converters as django_converters
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RegexPattern, RoutePattern

from chanspec.asyncapi.walk import Parts, readable
from chanspec.channels.patterns import OF_ANY_KIND
from chanspec.problems import Problem

__all__ = ["Ends", "Hop", "Reaching", "Verdict", "join"]

_MOST_TRIED = 200
"""How many examples of one address are tried."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A route on the way to a consumer: its router, and the path that it was read as."""

    router: Any
    route: Any
    parts: Parts

    def __str__(self) -> str:
        return repr(str(self.route.pattern))


@dataclass(slots=True)
class Ends:
    """What was found behind a route: routers and consumer classes. ``is_open`` where something may stay hidden."""

    found: list[object] = field(default_factory=list)
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a consumer is reached, and what there is to say about it.

    Attributes:
        is_documented: It is reached, or nothing shows that it is not.
        problem: What is wrong, with its cure.
        is_taken: Another route takes the address.
    """

    is_documented: bool
    problem: Problem | None = None
    is_taken: bool = False


_REACHED = Verdict(is_documented=True)


@dataclass(frozen=True, slots=True)
class _Taken:
    """Where a path led to instead."""

    route: Any


class _Unknown(Exception):  # noqa: N818 - no error
    """The routers of this application cannot be asked."""


def join(path: Parts, parts: Parts) -> Parts:
    """Put a route behind another. Routers drop the slashes that a path begins with: one is written where none is."""
    if parts and isinstance(parts[0], str):
        parts = [parts[0].lstrip("/"), *parts[1:]]
    last = path[-1] if path else "/"
    if parts and not (isinstance(last, str) and last.endswith("/")):
        return [*path, "/", *parts]
    return [*path, *parts]


class Reaching:
    """The routers of one application.

    Args:
        ends: What was found behind each route that has been looked into, by the ``id`` of the route.
    """

    def __init__(self, ends: dict[int, Ends]) -> None:
        self._ends = ends
        self._routers: dict[int, URLRouter] = {}
        self._hops: Sequence[Hop] = ()
        self._consumer: type = object
        self._way: dict[int, int] = {}
        self._entered = 0  # how many routes of the way any example came through

    def judge(self, consumer: type, name: str, hops: Sequence[Hop], path: Parts) -> Verdict:
        """Find out whether the routers lead to a consumer.

        Args:
            consumer: Its class.
            name: What problems call it.
            hops: The routes on the way to it, outermost first.
            path: Its address.
        """
        self._hops, self._consumer = tuple(hops), consumer
        self._way = {id(hop.route): depth for depth, hop in enumerate(hops)}
        self._entered = 0
        try:
            taken, example = self._try_examples(path)
        except _Unknown:
            return _REACHED
        if example is None:
            return _REACHED
        return self._explained(name, path, example, taken)

    def _try_examples(self, path: Parts) -> tuple[_Taken | None, str | None]:
        """The first example that does not arrive, with what took it; none where any example arrives."""
        first: tuple[_Taken | None, str | None] = (None, None)
        others: dict[int, Any] = {}
        for example in _examples(path):
            if (outcome := self._ask(example)) is self._consumer:
                return None, None
            taken = outcome if isinstance(outcome, _Taken) else None
            # What another route takes says more than what none takes.
            if first[1] is None or (taken is not None and first[0] is None):
                first = (taken, example)
            if taken is not None:
                others[id(taken.route)] = taken.route
        # What the routes before it name, they may leave out, as in (?!admin).
        words = {word for route in others.values() for word in re.findall(r"\w+", str(route.pattern))}
        tried = _examples(path, sorted(words)) if words and not _is_fixed(path) else ()
        return (None, None) if any(self._ask(each) is self._consumer for each in tried) else first

    def _ask(self, path: str) -> object:
        """The class of the consumer that a path leads to, or ``_Taken``, or ``None`` where it leads nowhere."""
        scope = {"type": "websocket", "path": path}
        return _result_of(self._router(self._hops[0].router)(scope, None, None))

    def _router(self, router: Any) -> Any:
        """A router with the same patterns. ``URLRouter`` would write to the routes, so it is not made anew."""
        if type(router).__call__ is not URLRouter.__call__:
            raise _Unknown
        if id(router) not in self._routers:
            stand_in = self._routers[id(router)] = URLRouter.__new__(URLRouter)
            stand_in.routes = [self._route(route) for route in router.routes]
        return self._routers[id(router)]

    def _route(self, route: Any) -> Any:
        async def lead(scope: Any, receive: Any, send: Any) -> object:
            return await self._lead(route, scope)

        pattern = self._pattern(route)
        return SimpleNamespace(pattern=pattern, callback=lead, default_args=getattr(route, "default_args", {}))

    def _pattern(self, route: Any) -> Any:
        pattern = route.pattern
        if type(pattern) is RegexPattern:
            return pattern
        if type(pattern) is not RoutePattern:
            return SimpleNamespace(match=lambda _: self._match_anything(route))
        own = {name: each for name, each in pattern.converters.items() if not _is_django_s(each)}
        if not own:
            return pattern
        pattern = copy.copy(pattern)
        accepting = SimpleNamespace(to_python=lambda text: self._accept(route, text))
        pattern.converters = {**pattern.converters, **dict.fromkeys(own, accepting)}
        return pattern

    def _match_anything(self, route: Any) -> None:
        """A pattern of another class may match anything: nobody knows, where it is on the way."""
        if id(route) in self._way:
            raise _Unknown

    def _accept(self, route: Any, text: str) -> str:
        """What a project's converter takes, only that knows: on the way everything, before it nothing."""
        if id(route) not in self._way:
            raise ValueError(text)
        return text

    async def _lead(self, route: Any, scope: Any) -> object:
        """What a route does with a path that it matches; raises ``Resolver404`` where its own routers match none."""
        depth = self._way.get(id(route))
        if depth is not None:
            self._entered = max(self._entered, depth + 1)
            if depth + 1 == len(self._hops):
                return self._consumer
            return await self._router(self._hops[depth + 1].router)(scope, None, None)
        ends = self._ends.get(id(route), Ends())
        passed = ends.is_open
        is_router = isinstance(route.callback, URLRouter)
        for each in [route.callback] if is_router else ends.found:
            outcome = each
            if isinstance(each, URLRouter):
                try:
                    outcome = await self._router(each)(scope, None, None)
                except Resolver404:
                    passed = True
                    continue
            if outcome is self._consumer:
                return outcome
        if passed:
            raise Resolver404
        return _Taken(route)

    # ---------------------------------------------------------------------------------------------- what to say

    def _explained(self, name: str, path: Parts, example: str, taken: _Taken | None) -> Verdict:
        where = f"it is not reached at {readable(path)!r}"
        if taken is not None:
            return Verdict(False, _taken(name, where, path, example, taken), is_taken=True)
        for hop in self._hops:
            if self._matches(hop, hop.parts):
                continue
            if _begins_with_slash(hop.parts) and self._matches(hop, hop.parts, with_slash=True):
                what = "it begins with a slash, which URLRouter removes before it matches"
                return Verdict(False, Problem(f"route {hop}", what, "remove the leading slash"))
            if _is_fixed(hop.parts):
                what = f"{where}, because {hop} does not match the path that it spells"
                return Verdict(False, Problem(name, what, "correct the pattern, or write it with path()"))
            what = f"whether it is reached at {readable(path)!r} is not known: no text was found that {hop} matches"
            cure = "write that route with path() and a converter, or with a simpler regular expression"
            return Verdict(True, Problem(name, what, cure))
        return Verdict(False, self._lost(name, where))

    def _matches(self, hop: Hop, parts: Parts, *, with_slash: bool = False) -> bool:
        """Whether a route matches an example of a path, whatever stands around it."""
        pattern = self._pattern(hop.route)
        examples = (example.lstrip("/") for example in _examples(parts))
        return any(pattern.match(f"/{each}" if with_slash else each) is not None for each in examples)

    def _lost(self, name: str, where: str) -> Problem:
        """What is wrong where each route matches its own part of the path, and still not all do."""
        depth = min(self._entered, len(self._hops) - 1)
        hop, behind = self._hops[depth], self._hops[depth + 1 :]
        rest = hop.parts
        for each in behind:
            rest = join(rest, each.parts)
        if not behind or (depth and self._matches(hop, rest)):
            outer = str(self._hops[depth - 1]) if depth else "URLRouter"
            what = f"{where}, because {hop} does not match what {outer} leaves of the path"
            return Problem(name, what, "let the outer pattern end where the inner one begins")
        what = f"{where}, because the route {hop} takes whole paths only, and leaves nothing for {behind[0]} behind it"
        if isinstance(hop.route.pattern, RegexPattern):
            return Problem(name, what, "remove what stands for the end, $ or \\Z, from the outer pattern")
        cure = "give the URLRouter itself to the outer route, and put the middleware around the outermost router"
        return Problem(name, what, f"{cure}; or write the outer route with re_path(), without $")


def _taken(name: str, where: str, path: Parts, example: str, taken: _Taken) -> Problem:
    pattern = taken.route.pattern
    such = "" if _is_fixed(path) else f" (such as {example!r})"
    what = f"{where}, because the route {str(pattern)!r} before it takes that address{such}"
    is_open = type(pattern) is RegexPattern and not str(pattern).endswith(("$", "\\Z"))
    return Problem(
        name, what, "end that pattern with $" if is_open else "move it before that route, or give it a path of its own"
    )


def _is_fixed(parts: Parts) -> bool:
    return all(isinstance(part, str) for part in parts)


def _begins_with_slash(parts: Parts) -> bool:
    return bool(parts) and isinstance(parts[0], str) and parts[0].startswith("/")


def _examples(path: Parts, words: Iterable[str] = ()) -> Iterator[str]:
    """Paths of an address: with the first example of each parameter, with the second of each, …, and then mixed."""
    given = [*words]
    choices = [[part] if isinstance(part, str) else [*given, *(part.examples or OF_ANY_KIND)] for part in path]
    for variant in range(max(map(len, choices), default=1)):
        yield _whole(each[variant % len(each)] for each in choices)
    if sum(len(each) > 1 for each in choices) > 1:
        yield from map(_whole, islice(product(*choices), _MOST_TRIED))


def _whole(parts: Iterable[str]) -> str:
    return "/" + "".join(parts).lstrip("/")


def _is_django_s(converter: object) -> bool:
    return type(converter).__module__ == django_converters.__name__


def _result_of(asking: Coroutine[Any, Any, object]) -> object:
    """What a coroutine returns that waits for nothing; ``None`` where a router found no route."""
    try:
        asking.send(None)
    except StopIteration as stop:
        return stop.value
    except (Resolver404, ValueError):
        return None
    except Exception as error:  # of patterns, such as a regular expression that is none
        raise _Unknown from error
    asking.close()
    raise _Unknown
