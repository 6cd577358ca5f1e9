"""JSON Schema of values that may also be null or, for strings, blank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chanspec.channels.serializers.sources import blank_is_sent

if TYPE_CHECKING:
    from chanspec.contract import Direction
    from chanspec.schemas import JsonSchema

_NULL: JsonSchema = {"type": "null"}
NOT_NULL = ["object", "array", "string", "number", "boolean"]
_BLANK: JsonSchema = {"type": "string", "const": ""}
# Keywords that null would have to satisfy as well.
_EXCLUSIVE = frozenset({"$ref", "allOf", "anyOf", "oneOf", "const", "not", "if"})


def nullable(schema: JsonSchema) -> JsonSchema:
    """Return ``schema`` or null."""
    if not schema.keys() & {"type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf"}:
        return schema  # null is not excluded
    if schema.keys() == {"anyOf"}:
        return schema if _NULL in schema["anyOf"] else {"anyOf": [*schema["anyOf"], _NULL]}
    if "type" not in schema or schema.keys() & _EXCLUSIVE:
        return {"anyOf": [schema, _NULL]}
    types = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    if "null" not in types:
        types.append("null")
    with_null = {**schema, "type": types}
    if "enum" in schema and None not in schema["enum"]:
        with_null["enum"] = [*schema["enum"], None]
    return with_null


def blankable(schema: JsonSchema, field: Any, direction: Direction) -> JsonSchema:
    """Return ``schema`` of a text field with its ``allow_blank``.

    DRF checks blank strings before the field's validators, so a blank one need not match them. On the way out
    nothing keeps a value from being blank that ``allow_blank`` does not allow, so there a column's ``blank`` counts
    as well: a read-only field has no ``allow_blank``.
    """
    if schema.get("type") != "string" or "enum" in schema:
        return schema
    # A blank string may be among the choices of a path.
    is_allowed = field.allow_blank or "" in getattr(field, "choices", ())
    if not (is_allowed or (direction == "out" and blank_is_sent(field))):
        is_plain = direction == "in" and "format" not in schema and "anyOf" not in schema
        return {**schema, "minLength": max(1, schema.get("minLength", 0))} if is_plain else schema
    is_blank_allowed = not schema.get("minLength") and not schema.keys() & {
        "format",
        "pattern",
        "anyOf",
        "allOf",
    }
    return schema if is_blank_allowed else {"anyOf": [schema, _BLANK]}
