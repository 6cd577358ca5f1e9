"""What values keep besides their schema, said in the schema: ``x-rules`` and its kin.

A server may refuse a value that keeps the schema and breaks one of these rules. JSON Schema has no words for them, so
validators look past them; readers of the document and :mod:`chanspec.conformance` do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

RULES = "x-rules"
"""A list of sentences, each without its subject, which is the value: ``["is in the past"]``."""

PAST, FUTURE = "is in the past", "is in the future"
OWN = "passes the application's own checks"
"""The rule of a function that is the application's: what it demands, only its author knows."""

LIMITS = {
    "ge": "x-minimum",
    "gt": "x-exclusiveMinimum",
    "le": "x-maximum",
    "lt": "x-exclusiveMaximum",
    "multiple_of": "x-multipleOf",
}
"""Limits of values that are no JSON numbers, by their names in Python. Each is a value as the field's own are."""

PATTERN = "x-pattern"
"""A regular expression of Python's that ECMA-262, which ``pattern`` is of, cannot say."""

STRICTER = frozenset({RULES, PATTERN, "contentSchema", *LIMITS.values()})
"""The keywords that say that a server may refuse what keeps the schema. Draft 7 has no ``contentSchema``."""


def pattern_of_schemes(schemes: Iterable[str]) -> str:
    """The pattern of URLs that have one of these schemes, whose names are in lower case (RFC 3986, 3.1)."""
    names = [re.sub(r"([.+])", r"\\\1", each) for each in schemes]
    return f"^({'|'.join(names)})://" if len(names) > 1 else f"^{names[0]}://"


def at_most(count: int, noun: str) -> str:
    """The rule that a value has at most so many of something."""
    return f"has at most {count} {noun}{'' if count == 1 else 's'}"


def add_rules(schema: dict[str, Any], *rules: str) -> None:
    """Add rules to a schema, each once. A reference must be in an ``allOf``: nothing may stand beside it."""
    known = list(schema.get(RULES, ()))
    schema[RULES] = [*known, *dict.fromkeys(each for each in rules if each not in known)]


def with_rules(schema: dict[str, Any], *rules: str) -> dict[str, Any]:
    """Return a copy of a schema that has these rules too; without any, the schema itself."""
    if not rules:
        return schema
    copy = {"allOf": [schema]} if "$ref" in schema else dict(schema)
    add_rules(copy, *rules)
    return copy
