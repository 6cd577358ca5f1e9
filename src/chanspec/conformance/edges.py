"""Values at the edge of what a schema allows, and past what it can say: where handlers break.

Both are put into a message one at a time. ``valid`` ones must be handled. ``odd`` ones are valid too, but servers may
well refuse them for reasons that no schema gives: they trim text, or their database has narrower columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chanspec.conformance.limits import limits_of
from chanspec.conformance.schemas import Flat
from chanspec.conformance.sites import REMOVED, Site
from chanspec.conformance.strategies import types_of

__all__ = ["Edge", "edges"]

LONG_TEXT = 10_000
LARGEST_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Edge:
    """A value to put in a place, and whether a server may refuse it."""

    value: Any
    is_odd: bool = False


_TEXTS = ("", "0", "é😀ß", "\u0130\u0301\u200d", "'\"\\<&>;--", "null", "x\ny")
_ODD_TEXTS = (" ", " x ", "\u0000", "\u202e\ufeff", "\ud800")
_FORMATS: Mapping[str, tuple[str, ...]] = {
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"),
    "date-time": ("1970-01-01T00:00:00Z", "2024-02-29T23:59:59.999999+14:00"),
    "date": ("1970-01-01", "2024-02-29"),
    "time": ("00:00:00Z", "23:59:59.999999Z"),
    "decimal": ("0", "-0.01", "0.01"),
    "duration": ("PT0S", "P400D"),
}
_ODD_FORMATS: Mapping[str, tuple[str, ...]] = {
    "date-time": ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    "date": ("0001-01-01", "9999-12-31"),
    "decimal": ("1E+400", "-0", "0.000000000000000000000000000001"),
    "duration": ("P999999999D",),
}


def edges(site: Site) -> Iterator[Edge]:
    """The edge values for a place. Some may not be valid there: whoever uses them asks the validator."""
    flat = site.flat
    if not site.required and site.path and isinstance(site.path[-1], str):
        yield Edge(REMOVED)
        yield Edge(None, is_odd=True)
    if "enum" in flat:
        yield from (Edge(each) for each in flat["enum"][:20])
        return
    for kind in types_of(flat):
        yield from _EDGES.get(kind, _any)(flat, site.value)


def _texts(flat: Flat, _: Any) -> Iterator[Edge]:
    least, most = flat.get("minLength", 0), flat.get("maxLength")
    yield from (Edge(each) for each in limits_of(flat))
    if "contentSchema" in flat:
        return
    if "pattern" not in flat and "format" not in flat:
        yield from (Edge(each) for each in _TEXTS)
        yield Edge("x" * least)
    if most is not None and most <= LARGEST_LIMIT:
        yield Edge("x" * most)
        yield Edge("é" * most)
    named = str(flat.get("format"))
    yield from (Edge(each) for each in _FORMATS.get(named, ()))
    yield from (Edge(each, is_odd=True) for each in _ODD_FORMATS.get(named, ()))
    if "format" not in flat:
        yield from (Edge(each, is_odd=True) for each in _ODD_TEXTS)
        if most is None:
            yield Edge("x" * LONG_TEXT, is_odd=True)


def _numbers(flat: Flat, _: Any) -> Iterator[Edge]:
    values: list[float] = [0, 1, -1, 2**31, -(2**31) - 1, 2**53]
    for key, inward in (("minimum", 0), ("maximum", 0), ("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        if key in flat:
            values.append(flat[key] + inward)
    if "number" in types_of(flat):
        values += [0.1, -1e-7, 1e15]
    yield from (Edge(each) for each in values)
    yield from (Edge(each, is_odd=True) for each in (2**63, -(10**30), 10**30))
    if "number" in types_of(flat):
        yield from (Edge(each, is_odd=True) for each in (1e308, 5e-324))


def _lists(flat: Flat, value: Any) -> Iterator[Edge]:
    yield Edge([])
    if value:
        yield Edge(value[:1])
        most = flat.get("maxItems", 100)
        if most <= LARGEST_LIMIT:
            yield Edge([*value, *(value[-1:] * (most - len(value)))][:most])


def _objects(flat: Flat, value: Any) -> Iterator[Edge]:
    if isinstance(value, dict):
        # By JSON Schema it is allowed where nothing forbids it, but few people mean that.
        yield Edge({**value, "unexpected": "x"}, is_odd=True)
    if not flat.get("properties"):
        yield Edge({})
        yield Edge({"": {"": []}, "__proto__": None, "é": 0})


def _any(_: Flat, __: Any) -> Iterator[Edge]:
    values: list[Any] = [None, "", 0, False, [], {}, [[]], {"": {}}]
    yield from (Edge(each) for each in values)


def _booleans(_: Flat, __: Any) -> Iterator[Edge]:
    yield Edge(False)
    yield Edge(True)


_EDGES = {
    "string": _texts,
    "integer": _numbers,
    "number": _numbers,
    "boolean": _booleans,
    "array": _lists,
    "object": _objects,
    "null": lambda *_: iter(()),
}
