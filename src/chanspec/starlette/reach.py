"""Whether a connection to an address arrives at its consumer: asks the routes, with an example of the address.

A route matches by itself, but another one before it may take all that it matches, and a mounted application may look
for another path than the mount leaves it. Nothing is called here but the routes' own ``matches``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette import convertors
from starlette.routing import BaseRoute, Host, Match, Mount, Route, WebSocketRoute

__all__ = ["Candidate", "Candidates", "Choice", "RootPath", "Step", "what_is_wrong"]


class Candidate:
    """A route of a router, as it is served.

    Args:
        kind: The route as it was made, which says what it is.
        route: The form of it that is served.

    Attributes:
        kind: As given.
        route: As given.
        prefix: What every path begins with that it matches.
    """

    __slots__ = ("kind", "prefix", "route")

    def __init__(self, kind: BaseRoute, route: Any) -> None:
        self.kind = kind
        self.route = route
        self.prefix: str = ""
        if isinstance(kind, Route):
            self.prefix = _NEVER
        elif isinstance(kind, WebSocketRoute | Mount) and type(kind).__module__ in _KNOWN:
            self.prefix = route.path.partition("{")[0]

    def __str__(self) -> str:
        if isinstance(self.kind, Mount):
            return f"Mount({self.route.path or '/'!r})"
        if isinstance(self.kind, Host):
            return f"Host({self.route.host!r})"
        path = getattr(self.route, "path", None)
        return f"the route {path!r}" if path else f"a route of {type(self.kind).__name__}"


class Candidates:
    """The routes of a router, in their order.

    Most are ruled out by what a path begins with: to ask each of 1,000 for each of their addresses takes a second.

    Args:
        routes: Them.
    """

    __slots__ = ("_by_prefix", "routes")

    def __init__(self, routes: Sequence[Candidate]) -> None:
        self.routes = routes
        self._by_prefix: dict[str, list[int]] = {}
        for index, candidate in enumerate(routes):
            self._by_prefix.setdefault(candidate.prefix, []).append(index)

    def possible(self, path: str) -> list[int]:
        """The indices of those that may match a path."""
        return sorted(index for end in range(len(path) + 1) for index in self._by_prefix.get(path[:end], ()))


def _below(scope: dict[str, Any]) -> str:
    """The path that a route looks at."""
    path: str = scope["path"]
    root: str = scope["root_path"]
    return path.removeprefix(root) if path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/") else path


@dataclass(frozen=True, slots=True)
class Choice:
    """What a router is to choose on the way to a consumer.

    Attributes:
        candidates: Its routes.
        index: The one to choose; None for the application that it has for everything else.
    """

    candidates: Candidates
    index: int | None


@dataclass(frozen=True, slots=True)
class RootPath:
    """An application that is told of its root path, as ``FastAPI(root_path=…)`` is."""

    path: str


Step = Choice | RootPath


def what_is_wrong(steps: Sequence[Step]) -> tuple[str, str] | None:
    """Why no connection arrives, and what to do; None where one does, or where it cannot be told.

    Args:
        steps: The way to the consumer, from the application that the server runs.
    """
    found: tuple[str, str] | None = None
    for attempt in range(_ATTEMPTS):  # other routes may take one example and leave the next
        try:
            path, host = _example(steps, attempt)
            # Behind a proxy that leaves the root path on, and behind one that takes it off.
            for sent in dict.fromkeys((path, _root_path(steps) + path)):
                wrong = _follow(steps, sent, host)
                if wrong is None:
                    return None
                found = found or wrong
        except Exception:  # of a route or a convertor of the project's own, or no example can be made for that
            return None
    return found


def _root_path(steps: Sequence[Step]) -> str:
    """That of the outermost application, which clients write before the address."""
    return steps[0].path if steps and isinstance(steps[0], RootPath) else ""


def _follow(steps: Sequence[Step], path: str, host: str) -> tuple[str, str] | None:
    """Route a connection as the routers do; what goes wrong, and what to do."""
    scope: dict[str, Any] = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", host.encode())],
        "subprotocols": [],
        "path_params": {},
    }
    mistaken = None
    for step in steps:
        if isinstance(step, RootPath):
            if (mounted := scope["root_path"]) and mounted != step.path:
                mistaken = step.path, mounted
            scope["root_path"] = step.path
            continue
        taken, child = _chosen(step, scope)
        if taken == step.index:
            scope.update(child)
        elif taken is not None:
            return (
                f"{step.candidates.routes[taken]} takes its connections, because it comes first",
                "put the narrower route first, or give it another path",
            )
        elif mistaken is not None:
            return (
                f"FastAPI(root_path={mistaken[0]!r}) is mounted at {mistaken[1]!r}, and then finds no route",
                "leave root_path= out: a mount tells its application where it is",
            )
        else:
            return f"{step.candidates.routes[step.index or 0]} does not match it", _CORRECT
    return None


def _chosen(step: Choice, scope: dict[str, Any]) -> tuple[int | None, Any]:
    """The candidate that a router would choose, and what it would add to the scope."""
    partial: tuple[int | None, Any] = None, {}
    for index in step.candidates.possible(_below(scope)):
        match, child = step.candidates.routes[index].route.matches(dict(scope))
        if match is Match.FULL:
            return index, child
        if match is Match.PARTIAL and partial[0] is None:
            partial = index, child
    return partial


# Examples


def _example(steps: Sequence[Step], attempt: int) -> tuple[str, str]:
    """A path and a host that the routes to choose match by themselves.

    Raises:
        LookupError: A convertor takes none of the examples.
    """
    path, host, is_open = "", "chanspec.invalid", True  # whether what follows a mount may be anything
    for step in steps:
        if isinstance(step, RootPath) or step.index is None:
            continue
        candidate = step.candidates.routes[step.index]
        route = candidate.route
        if isinstance(candidate.kind, Host):
            host = _filled(route.host_format, route.param_convertors, attempt, _HOST_VALUES)
            continue
        is_open = isinstance(candidate.kind, Mount)
        text = route.path_format.removesuffix("/{path}") if is_open else route.path_format
        path += _filled(text, route.param_convertors, attempt, _VALUES)
    return path + "/" * is_open, host


def _filled(text: str, known: Any, attempt: int, values: Mapping[str, Sequence[str]]) -> str:
    """A path or host with examples for its parameters. Clients write the rest as it is in the address."""
    parts = _PARAMETER.split(text)
    for index, part in enumerate(parts):
        parts[index] = _value(known[part], attempt, values) if index % 2 else unquote(part)
    return "".join(parts)


def _value(convertor: convertors.Convertor[Any], attempt: int, values: Mapping[str, Sequence[str]]) -> str:
    if type(convertor).__module__ == convertors.__name__:
        listed = values.get(type(convertor).__name__, values["StringConvertor"])
        return listed[attempt % len(listed)]
    taken = [each for each in _ANY if re.fullmatch(convertor.regex, each) and _converts(convertor, each)]
    if not taken:
        raise LookupError(convertor.regex)
    return taken[attempt % len(taken)]


def _converts(convertor: convertors.Convertor[Any], text: str) -> bool:
    try:
        convertor.convert(text)
    except Exception:  # of the project's own
        return False
    return True


_ATTEMPTS = 4
_CORRECT = "correct the path of the route, in which characters stand for themselves and are not escaped"
_PARAMETER = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)}")
_NEVER = "no path of a connection"
_KNOWN = ("starlette.routing", "fastapi.routing")
_VALUES = {
    "StringConvertor": ("chanspec-7f3a", "Zz.9~", "é!'x y", "1"),
    "PathConvertor": ("chanspec/7f3a", "Zz.9~/a/b", "é!'x y/z", "1"),
    "IntegerConvertor": ("7305190283", "12", "0", "1"),
    "FloatConvertor": ("7305.19", "12.5", "0", "1"),
    "UUIDConvertor": ("5c7b0e5e-6b0b-4a6e-9d43-3f1f3f2a7c11", "00000000-0000-0000-0000-000000000000"),
}
_HOST_VALUES = {"StringConvertor": ("chanspec-7f3a", "zz9", "x-y", "1"), "IntegerConvertor": ("7305", "12", "0", "1")}
# What convertors of the project's own may take: of numbers, names, dates, codes.
_ANY = (
    *(each for values in _VALUES.values() for each in values),
    *("a", "A", "ab", "AB", "abc", "ABC", "abcd", "ABCD", "abcdef", "x1", "v1", "a-b", "a_b", "a.b", "a@example.com"),
    *(
        "en",
        "en-us",
        "en_US",
        "true",
        "12.34",
        "1.2.3",
        "12-34",
        "12:34",
        "-1",
        "#abcdef",
        "q" * 22,
        "a" * 24,
        "a" * 32,
    ),
    *("7" * length for length in range(2, 21)),
    *("2026-11-30", "2026-11", "20261130", "2026-11-30T12:00:00", "2026-W48", "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    *("f" * length for length in (6, 7, 8, 12, 16, 20, 32, 40, 64)),
)
