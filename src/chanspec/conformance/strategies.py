"""Hypothesis strategies for the messages of a document: what a schema allows, kept small.

Only hypothesis's public interface is used. Text is printable and begins and ends with no space, because servers trim;
what is beyond that is :mod:`chanspec.conformance.edges`' to try.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

from hypothesis import reject
from hypothesis import strategies as st

from chanspec.conformance.budget import LARGEST_MESSAGE, BudgetSpentError
from chanspec.conformance.cost import size_of
from chanspec.conformance.limits import between
from chanspec.conformance.patterns import UnreadablePatternError, matching
from chanspec.conformance.schemas import Flat, Schema, Schemas
from chanspec.conformance.sizes import Sizes

__all__ = ["DEPTHS", "FORMATS", "Generator", "types_of"]

Strategy: TypeAlias = st.SearchStrategy[Any]

DEPTHS = (2, 4, 7)
"""How deep values may be nested: each is tried unless the one before makes them large already."""
LONGEST_TEXT = 20
LONGEST_LIST = 3
LONGEST_DRAWN = 6  # a list of more elements repeats some
LARGEST_INTEGER = 2**53  # what every reader of JSON keeps exactly (RFC 8259, 6)
LARGEST_NUMBER = 1e15
MAX_EXAMPLES = 50
MAX_DRAWN = (
    20_000  # lists and objects of one message; those without a choice cost Hypothesis nothing, and so are endless
)
STRATEGY = 20  # entries that a strategy counts for in memory, of about 100 bytes each

_LETTERS = st.characters(codec="utf-8", categories=["L", "N", "P", "S"])
_TEXT = st.text(_LETTERS, max_size=LONGEST_TEXT)
_KEYS = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=8)
_SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | _TEXT
_ANYTHING = _SCALARS | st.lists(_SCALARS, max_size=2) | st.dictionaries(_KEYS, _SCALARS, max_size=2)
_WORD = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
_MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
_URLS = _WORD.map("https://example.com/{}".format)
_URIS = frozenset({"uri", "url", "iri", "multi-host-uri"})
_URI_ENDS = _WORD.map("example.com/{}".format)
_BYTES = st.binary(max_size=12)

FORMATS: Mapping[str, Strategy] = {
    "date-time": st.builds(lambda moment, zone: moment.replace(tzinfo=zone).isoformat(), _MOMENTS, _ZONES),
    "date": _MOMENTS.map(lambda moment: moment.date().isoformat()),
    "date-time-local": _MOMENTS.map(lambda moment: moment.isoformat()),
    "time-local": _MOMENTS.map(lambda moment: moment.time().isoformat()),
    "time": st.builds(lambda moment, zone: moment.replace(tzinfo=zone).timetz().isoformat(), _MOMENTS, _ZONES),
    "duration": st.builds("P{}DT{}H{}M".format, st.integers(0, 30), st.integers(0, 23), st.integers(0, 59)),
    "uuid": st.uuids().map(str),
    **{f"uuid{version}": st.uuids(version=version).map(str) for version in (1, 3, 4, 5)},
    "email": _WORD.map("{}@example.com".format),
    "idn-email": _WORD.map("{}@example.com".format),
    "hostname": _WORD.map("{}.example.com".format),
    "idn-hostname": _WORD.map("{}.example.com".format),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "ipvanyaddress": st.ip_addresses().map(str),
    **dict.fromkeys(("uri", "url", "iri", "uri-reference", "iri-reference", "uri-template"), _URLS),
    "json-pointer": _WORD.map("/{}".format),
    "regex": _WORD,
    "decimal": st.decimals(-99_999, 99_999, places=2).map(str),
    "byte": _BYTES.map(lambda data: base64.b64encode(data).decode()),
    "base64": _BYTES.map(lambda data: base64.b64encode(data).decode()),
    "base64url": _BYTES.map(lambda data: base64.urlsafe_b64encode(data).decode()),
    **dict.fromkeys(("binary", "password", "path", "textarea", "markdown"), _TEXT),
}
"""The formats whose values can be made up."""


class Generator:
    """Strategies for the schemas of one document, recursive ones included.

    Attributes:
        sizes: The least sizes of the document's values.

    Args:
        schemas: The document's.
        deepest: How deep values are nested at most; below, only what is required.
        sizes: The same for all generators of a document.
    """

    def __init__(self, schemas: Schemas, deepest: int = DEPTHS[-1], sizes: Sizes | None = None) -> None:
        self._schemas = schemas
        self._deepest = deepest
        self.sizes = sizes or Sizes(schemas)
        self._drawn = 0
        self._known: dict[tuple[int, int, bool], tuple[Any, Strategy]] = {}

    def valid(self, schema: Schema, *, full: bool = False) -> Strategy:
        """Values that are valid; with ``full``, those with every optional property."""
        inner = self._of(schema, 0, full)

        @st.composite
        def counted(draw: st.DrawFn) -> Any:
            self._drawn = 0
            return draw(inner)

        return counted().filter(lambda value: self._fits(value) and self._schemas.is_valid(schema, value))

    def _fits(self, value: Any) -> bool:
        """Whether a value is small enough, however often it holds the same list."""
        try:
            return size_of(value) <= LARGEST_MESSAGE
        except BudgetSpentError:
            return False

    def _count(self, value: Any) -> Any:
        """Count a list or an object that was drawn, whether or not anything was chosen for it."""
        self._schemas.budget.spend()
        self._drawn += 1
        if self._drawn > MAX_DRAWN:
            reject()
        return value

    def _of(self, schema: Schema, depth: int, full: bool) -> Strategy:
        key = (id(schema), min(depth, self._deepest), full and depth < self._deepest)
        if key not in self._known:
            self._schemas.budget.spend()
            self._schemas.keep(STRATEGY)
            self._known[key] = (schema, st.deferred(lambda: self._built(schema, key[1], key[2])))
        return self._known[key][1]

    def _built(self, schema: Schema, depth: int, full: bool) -> Strategy:
        flats = [flat for flat in self._schemas.alternatives(schema) if self.sizes.fits_flat(flat)]
        if full:  # something rather than null
            flats = sorted(flats, key=lambda flat: types_of(flat) == ["null"])
        return st.one_of([self._flat(flat, depth, full) for flat in flats])

    def _flat(self, flat: Flat, depth: int, full: bool) -> Strategy:
        if "enum" in flat:
            values = [each for each in flat["enum"] if "type" not in flat or _is_of(each, types_of(flat))]
            return st.sampled_from(values) if values else st.nothing()
        if examples := [each for each in flat.get("examples", ())[:MAX_EXAMPLES] if self._schemas.is_valid(flat, each)]:
            return st.sampled_from(examples)
        if "string" in types_of(flat) and (limited := between(flat)) is not None:
            return limited
        return st.one_of([self._typed(each, flat, depth, full) for each in types_of(flat)])

    def _typed(self, kind: str, flat: Flat, depth: int, full: bool) -> Strategy:
        match kind:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer" | "number":
                return _numbers(flat, kind)
            case "string":
                return self._contents(flat, depth, full) if "contentSchema" in flat else self._strings(flat)
            case "array":
                return self._arrays(flat, depth + 1, full).map(self._count)
            case "object":
                return self._objects(flat, depth + 1, full).map(self._count)
            case _:
                return _ANYTHING

    def _arrays(self, flat: Flat, depth: int, full: bool) -> Strategy:
        items, least, most = flat.get("items", True), flat.get("minItems", 0), flat.get("maxItems")
        if isinstance(items, list):
            fixed = st.tuples(*(self._of(each, depth, full) for each in items[:most])).map(list)
            missing = max(0, least - len(items))
            if not missing:
                return fixed
            more = st.lists(
                self._of(flat.get("additionalItems", True), depth, full), min_size=missing, max_size=missing
            )
            return st.builds(lambda one, other: one + other, fixed, more)
        element = self._of(items, depth, full)
        if "contains" in flat:
            element, least = self._of(flat["contains"], depth, full) | element, max(1, least)
        longest = least if depth >= self._deepest else least + (1 if full and not least else LONGEST_LIST)
        if full and not least and depth < self._deepest:
            least = 1 if (most is None or most) and self.sizes.fits(items) else 0
        longest = longest if most is None else min(longest, most)
        unique_by = repr if flat.get("uniqueItems") else None
        if least > LONGEST_DRAWN and unique_by is None:  # a few elements, over and over
            return st.lists(element, min_size=1, max_size=LONGEST_LIST).map(lambda some: (some * least)[:least])
        return st.lists(element, min_size=least, max_size=max(least, longest), unique_by=unique_by)

    def _objects(self, flat: Flat, depth: int, full: bool) -> Strategy:
        properties: Mapping[str, Schema] = flat.get("properties", {})
        others = flat.get("additionalProperties", True)
        required = list(flat.get("required", ()))
        optional = {name for name, each in properties.items() if name not in required and self.sizes.fits(each)}
        present = {*required, *optional} if full and depth < self._deepest else set(required)
        certain = {name: self._of(properties.get(name, others), depth, full) for name in sorted(present, key=str)}
        perhaps = {
            name: self._of(each, depth, full)
            for name, each in properties.items()
            if name not in present and each is not False and name in optional
        }
        named = st.fixed_dictionaries(certain, optional={} if depth >= self._deepest else perhaps)
        missing = max(0, flat.get("minProperties", 0) - len(certain))
        # Objects with named properties get no others: that they may is tried by itself.
        if not missing and (
            properties
            or depth >= self._deepest
            or not isinstance(others, dict | bool)
            or others is False
            or not self._has_names(flat)
        ):
            return named
        keys, values = self._keys_and_values(flat, others, depth, full)
        room = flat.get("maxProperties", len(certain) + LONGEST_LIST) - len(certain)
        extra = st.dictionaries(keys, values, min_size=missing, max_size=max(missing, min(room, LONGEST_LIST)))
        return st.builds(lambda one, other: {**other, **one}, named, extra)

    def _has_names(self, flat: Flat) -> bool:
        """Whether an object may have other properties for their names: a list of names may have no text in it."""
        names = self._schemas.alternatives(flat.get("propertyNames", True))
        return any("enum" not in each or any(isinstance(name, str) for name in each["enum"]) for each in names)

    def _keys_and_values(self, flat: Flat, others: Schema, depth: int, full: bool) -> tuple[Strategy, Strategy]:
        for pattern, schema in flat.get("patternProperties", {}).items():
            return self._matching(pattern), self._of(schema, depth, full)
        keys = (
            self._of({"allOf": [{"type": "string"}, flat["propertyNames"]]}, depth, full)
            if "propertyNames" in flat
            else _KEYS
        )
        return keys, self._of(others, depth, full)

    def _contents(self, flat: Flat, depth: int, full: bool) -> Strategy:
        """Text that is JSON: what is in it has a schema of its own."""
        self._schemas.check(flat["contentSchema"])  # Draft 7 does not know it as a schema
        return self._of(flat["contentSchema"], depth + 1, full).map(json.dumps)

    def _strings(self, flat: Flat) -> Strategy:
        least, most = flat.get("minLength", 0), flat.get("maxLength")
        if (pattern := flat.get("pattern", flat.get("x-pattern"))) is not None:
            if flat.get("format") in _URIS:  # a scheme is all that their patterns are about
                return st.builds("".join, st.tuples(self._matching(str(pattern), st.just("")), _URI_ENDS))
            return self._matching(str(pattern))
        if (known := FORMATS.get(str(flat.get("format")))) is not None:
            return known
        if least > LONGEST_TEXT:
            return _TEXT.map(lambda text: text.ljust(least, "x"))
        longest = least + LONGEST_TEXT
        return st.text(_LETTERS, min_size=least, max_size=longest if most is None else max(least, min(most, longest)))

    def _matching(self, pattern: str, around: Strategy = _TEXT) -> Strategy:
        """Text with a match of a pattern; any text where the pattern cannot be read: the validator decides."""
        self._schemas.keep(len(pattern))
        try:
            return matching(pattern, around, _LETTERS)
        except UnreadablePatternError:
            return _TEXT


def types_of(flat: Flat) -> list[str]:
    """The types that a flat schema names, or that its keywords are about; ``any`` where nothing says."""
    if "type" in flat:
        types = [flat["type"]] if isinstance(flat["type"], str) else list(flat["type"])
        return [each for each in types if each != "integer" or "number" not in types]
    if "enum" in flat:
        return list(dict.fromkeys(_kind_of(each) for each in flat["enum"]))
    for kind, keywords in _ABOUT.items():
        if not keywords.isdisjoint(flat):
            return [kind]
    return ["any"]


def _is_of(value: Any, types: list[str]) -> bool:
    """Whether a value is of one of these types."""
    kind = _kind_of(value)
    return kind in types or (kind == "number" and "integer" in types)


def _kind_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


_ABOUT = {
    "object": frozenset({"properties", "required", "additionalProperties", "patternProperties", "minProperties"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems", "contains"}),
    "string": frozenset({"pattern", "format", "minLength", "maxLength"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}


def _numbers(flat: Flat, kind: str) -> Strategy:
    lowest = max(flat.get("minimum", -math.inf), flat.get("exclusiveMinimum", -math.inf))
    highest = min(flat.get("maximum", math.inf), flat.get("exclusiveMaximum", math.inf))
    step = flat.get("multipleOf", 1)
    try:
        return _numbers_between(lowest, highest, step, kind, whole=kind == "integer" or "multipleOf" in flat)
    except (OverflowError, ValueError):  # beyond what a float holds, or below
        return st.sampled_from([each for each in (0, lowest, highest) if each not in (math.inf, -math.inf)])


def _numbers_between(lowest: float, highest: float, step: float, kind: str, *, whole: bool) -> Strategy:
    limit = LARGEST_INTEGER if kind == "integer" else int(LARGEST_NUMBER)
    low = -int(-lowest // step) if lowest > -math.inf else min(-limit, _floor(highest) - limit)
    high = int(highest // step) if highest < math.inf else max(limit, low + limit)
    multiples = st.integers(low, high).map(lambda number: _times(number, step)) if low <= high else st.nothing()
    if whole:
        return multiples
    low_float = float(max(lowest, -LARGEST_NUMBER)) if lowest > -math.inf else -LARGEST_NUMBER
    high_float = float(highest) if highest < math.inf else max(LARGEST_NUMBER, low_float)
    if low_float > high_float:
        return multiples
    return multiples | st.floats(low_float, high_float, allow_subnormal=False).map(lambda number: number or 0.0)


def _floor(number: float) -> int:
    return math.floor(number) if number < math.inf else 0


def _times(number: int, step: float) -> float:
    return number * step if isinstance(step, int) else round(number * step, 10)
