"""Fields ``T | None`` of plain classes: in messages that are described, such a field may be absent, or null.

Plain classes are dataclasses and typed dicts. Pydantic requires the field where it has no default, and that is how the
messages of typed handlers are. Described ones have the form that people write by hand: a ``T`` that may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic_core import core_schema

from chanspec.aliases import map_nodes, nodes

Nones = Literal["absent", "either", "null"]
"""How a field ``T | None`` of a plain class is described: as a ``T`` that may be absent, which is what a document of
described messages says; as one that may also be null, which is what they are checked by; as pydantic has it, which is
what typed messages are."""

PLAIN_FIELDS = ("dataclass-field", "typed-dict-field")
"""The kinds of field that plain classes have in core schemas."""

_AROUND = ("function-after", "function-before", "function-wrap")

Definitions = Mapping[str, Any]


def filled_with_none(schema: Any) -> Any:
    """Return a core schema to read described messages with: an absent field ``T | None`` of a plain class is None."""
    definitions = definitions_of(schema)
    return map_nodes(schema, lambda node: _filled(node, definitions) if node.get("type") in PLAIN_FIELDS else node)


def without_null(schema: Any, definitions: Definitions) -> Any:
    """The core schema of ``T`` for that of ``T | None``, whatever validators are around it; else the schema itself.

    A default stays, unless it is None.
    """
    kind = schema["type"]
    if kind == "nullable":
        inner = schema["schema"]
        if "serialization" in schema:
            inner = {**inner, "serialization": schema["serialization"]}
        if "metadata" in schema:  # what describes it
            inner = {**inner, "metadata": {**inner.get("metadata", {}), **schema["metadata"]}}
        return inner
    if kind == "definition-ref":  # `type Note = str | None`
        target = definitions.get(schema["schema_ref"], schema)
        return without_null(target, definitions) if target["type"] == "nullable" else schema
    if kind == "default" or kind in _AROUND:
        inner = without_null(schema["schema"], definitions)
        if inner is not schema["schema"]:
            return inner if schema.get("default", ...) is None else {**schema, "schema": inner}
    return schema


def definitions_of(schema: Any) -> Definitions:
    """The definitions of a core schema, by their references."""
    return {each["ref"]: each for each in schema["definitions"]} if schema.get("type") == "definitions" else {}


def _filled(field: dict[str, Any], definitions: Definitions) -> dict[str, Any]:
    schema = field["schema"]
    is_filled = (
        field.get("required") is not False  # a typed dict that may be without the key, says its class
        and without_null(schema, definitions) is not schema
        and not any(each.get("type") == "default" for each in nodes(schema, deep=False))
    )
    if not is_filled:
        return field
    filled = {**field, "schema": core_schema.with_default_schema(schema, default=None)}
    return {**filled, "required": False} if field["type"] == "typed-dict-field" else filled
