"""Where JSON Schema's keywords hold schemas: the one walk over a schema that everything else is made of.

Not for the meaning of keywords: :mod:`chanspec.schemas.dialect` translates them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

REF = "#/$defs/"
"""What references of a normalized schema begin with."""

_ONE = frozenset(
    {"additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"}
    | {"propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"}
)
_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAP = frozenset({"$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"})
_PLAIN = frozenset(
    {"const", "contentEncoding", "contentMediaType", "default", "dependentRequired", "deprecated", "description"}
    | {"enum", "example", "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "maxContains", "maximum"}
    | {"maxItems", "maxLength", "maxProperties", "minContains", "minimum", "minItems", "minLength", "minProperties"}
    | {"multipleOf", "pattern", "readOnly", "required", "title", "type", "uniqueItems", "writeOnly"}
)
_NAMING = frozenset(
    {"$anchor", "$comment", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef", "$ref"}
    | {"$schema", "$vocabulary"}
)
_OPENAPI = frozenset({"discriminator", "externalDocs", "nullable", "xml"})
_KEYWORDS = _ONE | _LIST | _MAP | _PLAIN | _NAMING | _OPENAPI
_FIRST = ("title", "description", "deprecated", "type", "format", "const", "enum", "properties", "required")
"""The keywords a reader looks for first, in that order."""


def is_keyword(name: str) -> bool:
    """Whether ``name`` is a keyword of any draft of JSON Schema or of OpenAPI, or an extension (``x-…``)."""
    return name in _KEYWORDS or name.startswith("x-")


def map_subschemas(node: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Copy a schema, its direct subschemas as ``change`` returns them. A subschema may be a bool, or a mistake."""
    out = {key: _mapped(key, value, change) for key, value in node.items()}
    return {key: out[key] for key in _FIRST if key in out} | out


def map_refs(schema: Any, change: Callable[[str], str]) -> Any:
    """Copy a schema with every ``$ref`` replaced by ``change(ref)``."""
    if not isinstance(schema, dict):
        return schema
    if isinstance(ref := schema.get("$ref"), str):
        schema = {**schema, "$ref": change(ref)}
    return map_subschemas(schema, lambda each: map_refs(each, change))


def refs_in(schema: Any) -> set[str]:
    """The names of the definitions that a normalized schema refers to directly."""
    found: set[str] = set()

    def note(ref: str) -> str:
        found.add(ref.removeprefix(REF))
        return ref

    map_refs(schema, note)
    return found


def _mapped(key: str, value: Any, change: Callable[[Any], Any]) -> Any:
    if key in _ONE and not isinstance(value, list):
        return change(value)
    if key in _LIST or key in _ONE:  # Draft 7's `items` may be a list of schemas, one a position
        return [change(each) for each in value] if isinstance(value, list) else value
    if key in _MAP and isinstance(value, dict):
        return {name: change(each) for name, each in value.items()}
    return _copied(value)


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(each) for key, each in data.items()}
    return [_copied(each) for each in data] if isinstance(data, list | tuple) else data
