"""What makes a valid message invalid in one place.

Only mistakes that no server takes for something else: many read ``"1"`` as 1, ``[1, 1]`` as a set, and an absent value
in ``null``, so none of these is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chanspec.conformance.schemas import Flat
from chanspec.conformance.sites import REMOVED, Path, Site
from chanspec.conformance.strategies import types_of

__all__ = ["Mutation", "mutations"]

LARGEST_LIMIT = 20_000
_NO_SUCH = "no-such-value-☃"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake.

    Attributes:
        path: Where.
        value: What to put there; ``REMOVED`` to leave it out.
        what: What is then wrong, as a phrase.
    """

    path: Path
    value: Any
    what: str


def mutations(site: Site) -> Iterator[Mutation]:
    """The mistakes that can be made in a place. Some may turn out valid: whoever uses them asks the validator."""
    for value, what in _wrong(site):
        yield Mutation(site.path, value, f"{site.place} {what}")


def _wrong(site: Site) -> Iterator[tuple[Any, str]]:
    flat, kinds = site.flat, types_of(site.flat)
    if site.path and site.required and isinstance(site.path[-1], str):
        yield REMOVED, "is missing"
    if "any" in kinds:
        return
    if "object" not in kinds:
        # An empty one would be taken for an empty list by servers that go through what they are given.
        yield {_NO_SUCH: _NO_SUCH} if "array" in kinds else {}, "is an object"
    if "array" not in kinds:
        yield [], "is an array"
    if not {"string", "any"}.intersection(kinds) and {"object", "array"}.issuperset(kinds):
        yield "text", "is a string"
    if site.required and "null" not in kinds:
        yield None, "is null"
    if "enum" in flat:
        yield _NO_SUCH, "is none of the allowed values"
        return
    if isinstance(site.value, str):
        yield from _wrong_text(flat)
    elif isinstance(site.value, int | float) and not isinstance(site.value, bool):
        yield from _wrong_number(flat, kinds)
    elif isinstance(site.value, list):
        yield from _wrong_list(flat, site.value)
    elif isinstance(site.value, dict):
        yield from _wrong_object(flat, site.value)


def _wrong_text(flat: Flat) -> Iterator[tuple[Any, str]]:
    least, most = flat.get("minLength", 0), flat.get("maxLength")
    if least:
        yield "x" * (least - 1), f"is shorter than {least}"
    if most is not None and most <= LARGEST_LIMIT:
        yield "x" * (most + 1), f"is longer than {most}"
    if "format" in flat:
        yield _NO_SUCH, f"is no {flat['format']}"
    elif "pattern" in flat:
        # Nor is there a match in no text at all, but many take that for no value.
        yield from ((each, "does not match its pattern") for each in (_NO_SUCH, "!"))


def _wrong_number(flat: Flat, kinds: list[str]) -> Iterator[tuple[Any, str]]:
    yield "not a number", "is a string"
    for key, step, word in (("minimum", -1, "less"), ("maximum", 1, "more")):
        if key in flat:
            yield flat[key] + step, f"is {word} than {flat[key]}"
    for key, word in (("exclusiveMinimum", "not more"), ("exclusiveMaximum", "not less")):
        if key in flat:
            yield flat[key], f"is {word} than {flat[key]}"
    if "number" not in kinds:
        yield 0.5, "is no integer"


def _wrong_list(flat: Flat, value: list[Any]) -> Iterator[tuple[Any, str]]:
    if least := flat.get("minItems", 0):
        yield value[: least - 1], f"has fewer than {least} items"
    most = flat.get("maxItems")
    if most is not None and most <= LARGEST_LIMIT and value and not flat.get("uniqueItems"):
        yield [*value, *(value[-1:] * (most + 1 - len(value)))][: most + 1], f"has more than {most} items"


def _wrong_object(flat: Flat, value: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    if flat.get("additionalProperties") is False:
        yield {**value, "unexpected": "x"}, "has a property that it must not have"
    for name in flat.get("required", ()):
        if name not in value:
            yield {}, "is empty"
