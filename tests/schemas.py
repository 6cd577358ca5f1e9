"""Hypothesis strategies for JSON Schemas and for instances that probe them; shared by tests. No tests here."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "$ref", "properties", "__proto__", "hasOwnProperty", "<<", "", "x/y", "é~1"])
SCALARS = st.sampled_from([None, True, False, 0, 1, -1, 2.5, 10**20, "", "a", "b", "2024-05-01", "é"])
INSTANCES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
_COUNTS = st.integers(0, 3)
_TYPES = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string"])
DEFINITIONS = ("A", "B", "c d", "e/f")
_REFS = st.sampled_from(
    ["#", "#/$defs/A", "#/$defs/B", "#/$defs/c%20d", "#/$defs/e~1f", "#/definitions/A", "#anchored", "#/$defs/B/not"]
)


def _unique(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=1, max_size=3, unique_by=repr)


def _keywords(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    some = st.lists(inner, min_size=1, max_size=2)
    # A reference stands only where a keyword steps into the instance: elsewhere it could lead back to itself.
    part = inner | st.builds(_with_reference, inner, _REFS)
    named = st.dictionaries(NAMES, part, max_size=2)
    return {
        "type": _TYPES | _unique(_TYPES),
        "enum": _unique(SCALARS),
        "const": INSTANCES,
        "title": st.text(max_size=3),
        "default": INSTANCES,
        "examples": st.lists(INSTANCES, max_size=2),
        "deprecated": st.booleans(),
        "minimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "multipleOf": st.sampled_from([1, 0.5, 3]),
        "minLength": _COUNTS,
        "maxLength": _COUNTS,
        "pattern": st.sampled_from(["^a", "b$", "[a-c]", ""]),
        "minItems": _COUNTS,
        "maxItems": _COUNTS,
        "uniqueItems": st.booleans(),
        "minProperties": _COUNTS,
        "maxProperties": _COUNTS,
        "required": st.lists(NAMES, max_size=2, unique=True),
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "[bc]", "^__proto__$"]), part, max_size=2),
        "additionalProperties": part,
        "propertyNames": inner,
        "items": part,
        "prefixItems": st.lists(part, min_size=1, max_size=2),
        "contains": part,
        "allOf": some,
        "anyOf": some,
        "oneOf": some,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2),
        "dependentSchemas": st.dictionaries(NAMES, inner, max_size=2),
    }


def _with_reference(node: Any, ref: str) -> dict[str, Any]:
    return {"$ref": ref, **(node if isinstance(node, dict) else {})}


def _node(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    keywords = _keywords(inner)

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Any]:
        chosen = draw(st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True))
        return {key: draw(keywords[key]) for key in chosen}

    return build()


NODES = st.recursive(st.booleans() | _node(st.booleans()), _node, max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A schema of Draft 2020-12 with definitions that it and they refer to, recursion included."""
    definitions = {name: draw(NODES) for name in DEFINITIONS}
    definitions["B"] = {"not": draw(NODES)}
    anchored = draw(_node(NODES))
    return {
        **draw(_node(NODES)),
        "$defs": {**definitions, "anchored": {**anchored, "$anchor": "anchored"}},
        "definitions": {"A": draw(NODES)},
    }
