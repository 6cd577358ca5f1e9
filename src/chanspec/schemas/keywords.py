"""Where JSON Schema's keywords hold schemas: the one walk over a schema that everything else is made of.

Not for the meaning of keywords: :mod:`chanspec.schemas.dialect` translates them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
_SUBSCHEMAS = _ONE | _LIST | _MAP
_FIRST = ("title", "description", "deprecated", "type", "format", "const", "enum", "properties", "required")
"""The keywords a reader looks for first, in that order."""


def is_keyword(name: str) -> bool:
    """Whether ``name`` is a keyword of any draft of JSON Schema or of OpenAPI, or an extension (``x-…``)."""
    return name in _KEYWORDS or name.startswith("x-")


def map_subschemas(node: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Copy a schema, its direct subschemas as ``change`` returns them. A subschema may be a bool, or a mistake."""
    out = {
        key: _mapped(key, value, change) if key in _SUBSCHEMAS else value if type(value) in _ATOMS else _copied(value)
        for key, value in node.items()
    }
    return {key: out[key] for key in _FIRST if key in out} | out if len(out) > 1 else out


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all schemas in it, each before those in it, as far as they are objects."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield node
        inner: list[Any] = []
        for key in node:
            if key in _SUBSCHEMAS:
                value = node[key]
                if key in _MAP:
                    inner += value.values() if isinstance(value, dict) else ()
                elif isinstance(value, list):
                    inner += value
                else:
                    inner.append(value)
        waiting += reversed(inner)


def placed_subschemas(schema: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield a schema and all schemas in it as :func:`subschemas` does, each with the way to it."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), schema)]
    while waiting:
        place, node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        yield place, dict(node)
        inner: list[tuple[tuple[str, ...], Any]] = []
        for key, value in node.items():
            if key not in _SUBSCHEMAS:
                continue
            if key in _MAP:
                named = value.items() if isinstance(value, Mapping) else ()
                inner += [((*place, key, str(name)), each) for name, each in named]
            elif isinstance(value, list):
                inner += [((*place, key, str(index)), each) for index, each in enumerate(value)]
            else:
                inner.append(((*place, key), value))
        waiting += reversed(inner)


def map_refs(schema: Any, change: Callable[[str], str]) -> Any:
    """Copy a schema with every ``$ref`` replaced by ``change(ref)``."""
    if not isinstance(schema, dict):
        return schema
    if isinstance(ref := schema.get("$ref"), str):
        schema = {**schema, "$ref": change(ref)}
    return map_subschemas(schema, lambda each: map_refs(each, change))


def refs_in(schema: Any) -> set[str]:
    """The names of the definitions that a normalized schema refers to directly."""
    refs = (node.get("$ref") for node in subschemas(schema))
    return {ref.removeprefix(REF) for ref in refs if isinstance(ref, str)}


def _mapped(key: str, value: Any, change: Callable[[Any], Any]) -> Any:
    """The value of a keyword that holds schemas."""
    if key in _MAP:
        return {name: change(each) for name, each in value.items()} if isinstance(value, dict) else _copied(value)
    if isinstance(value, list):  # Draft 7's `items` may be a list of schemas, one a position
        return [change(each) for each in value]
    return change(value) if key in _ONE else value


_ATOMS = frozenset({str, int, bool, float, type(None)})


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(each) for key, each in data.items()}
    return [_copied(each) for each in data] if isinstance(data, list | tuple) else data
