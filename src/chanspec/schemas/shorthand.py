"""The shorthand of ``responses=``: ``{"ride_id": "uuid"}``, a field → its JSON type or format.

Not for ``payload=``, where a dict is always JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from chanspec.problems import near_match
from chanspec.schemas.keywords import is_keyword, map_refs, placed_subschemas
from chanspec.schemas.registry import CannotDescribe, JsonSchema, described_by, describer_of

_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
_PYTHON_NAMES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "list": "array",
}
_FORMATS = {
    "datetime": "date-time",
    "url": "uri",
    **{
        name: name
        for name in (
            "binary", "byte", "date", "date-time", "decimal", "duration", "email", "hostname", "ipv4", "ipv6",
            "password", "regex", "time", "uri", "uri-reference", "uuid",
        )
    },
}  # fmt: skip
_NUMBERS = {"int32": "integer", "int64": "integer", "double": "number"}
_NAMES = (*_TYPES, *_PYTHON_NAMES, *_FORMATS, *_NUMBERS)

# A keyword whose value has its JSON Schema form cannot be a shorthand field, whose value would name a type.
_STRUCTURAL: dict[str, type | tuple[type, ...]] = {
    "additionalProperties": (bool, dict),
    "items": (dict, list),
    "allOf": list,
    "anyOf": list,
    "oneOf": list,
    "required": list,
    "enum": list,
    "not": dict,
}
_BRIEF = 120
"""How many characters of a schema an error shows."""
_MAPS = ("properties", "patternProperties", "$defs", "definitions")
_HOLDING_SCHEMAS = (*_MAPS, "items", "required", "additionalProperties", "allOf", "anyOf", "oneOf", "enum")
_SAYING = frozenset({"type", "$ref", "const", "enum", "default"})
"""Keywords that say something about values, and may have a text."""
_KEYWORDS = frozenset({*_STRUCTURAL, *_MAPS, "title", "description", "format", "pattern"})


def is_json_schema(payload: Mapping[str, Any]) -> bool:
    """Whether a dict is JSON Schema rather than shorthand.

    ``type`` decides: it mostly names the event on the wire, so it is hardly a field of an event's payload. Where it is,
    the payload is written as JSON Schema. Otherwise a dict is JSON Schema when some keyword has its JSON Schema form,
    unless a key that is no keyword names a type.
    """
    kind = payload.get("type")
    if "$ref" in payload or "$schema" in payload or isinstance(kind, list) or kind in _TYPES:
        return True
    if any(isinstance(value, str) and key not in _KEYWORDS for key, value in payload.items()):
        return False
    return any(isinstance(payload.get(key), form) for key, form in _STRUCTURAL.items()) or any(
        isinstance(payload.get(key), dict) and all(isinstance(each, dict | bool) for each in payload[key].values())
        for key in _MAPS
    )


def expand(payload: Mapping[str, Any]) -> JsonSchema:
    """Return the JSON Schema that a shorthand dict stands for; every field is required.

    Args:
        payload: Field name → the name of a JSON type or format, a nested shorthand dict, a Python type or other
            payload class, or a JSON Schema dict.

    Raises:
        CannotDescribe: A value is none of these.
    """
    properties = {str(name): _placed(str(name), _field(str(name), value)) for name, value in payload.items()}
    schema: JsonSchema = {"type": "object", "properties": properties}
    return {**schema, "required": list(properties)} if properties else schema


def refuse_shorthand(payload: Mapping[str, Any], *, is_response: bool = False) -> None:
    """Refuse a dict that is to be JSON Schema, and has fields where keywords belong: JSON Schema ignores them.

    JSON Schema admits keywords that nobody knows. One is taken for a field where its value names a type or is a schema,
    and for a misspelt keyword where it is like one. So is a keyword of texts for a field where it names a type and no
    keyword says anything about values: ``{"title": "string"}``.

    Args:
        payload: The dict.
        is_response: Whether the shorthand would be understood in its place, had it no keyword.

    Raises:
        CannotDescribe: It, or a schema in it, is such a dict.
    """
    for place, schema in placed_subschemas(payload):
        unknown = {str(key): value for key, value in schema.items() if not is_keyword(str(key))}
        fields = [key for key, value in unknown.items() if _names_a_field(value)]
        misspelt = [key for key, value in unknown.items() if _is_misspelt(key, value)]
        if not place and schema and len(unknown) == len(schema):
            fields = fields or list(unknown)
        # One text inside of a schema may well be a word such as "password".
        if not fields and _is_all_names(schema) and (len(schema) > 1 or not place):
            fields = [str(key) for key in schema]
        if not fields and not misspelt:
            continue
        name = (misspelt or fields)[0]
        at = f" at {'.'.join(place)}" if place else ""
        if misspelt:
            raise CannotDescribe(
                f"{name!r}{at} is no keyword of JSON Schema", f"correct it{near_match(name, _HOLDING_SCHEMAS)}"
            )
        why = "a dict with a keyword is no shorthand" if is_response else "the shorthand is for responses= only"
        what = f"{name!r}{at} is no keyword of JSON Schema"
        if is_keyword(name):
            what = f"{name!r}{at} is a text of JSON Schema and no field"
        raise CannotDescribe(what, f"write {_as_schema(name, schema[name])} ({why})")


def _names_a_field(value: Any) -> bool:
    """Whether a keyword that nobody knows has the value of a field: a type by its name, a class, or a schema."""
    if isinstance(value, str):
        return value in _NAMES
    return isinstance(value, type) or (isinstance(value, Mapping) and is_json_schema(value))


def _is_misspelt(key: str, value: Any) -> bool:
    """Whether a key is like a keyword that holds schemas, and has what would be its value."""
    near = get_close_matches(key, _HOLDING_SCHEMAS, n=1, cutoff=0.8)
    return bool(near) and isinstance(value, dict if near[0] in _MAPS else (dict, list))


def _is_all_names(schema: Mapping[str, Any]) -> bool:
    """Whether nothing but names of types stands where a schema's texts belong."""
    is_named = all(isinstance(value, str) and value in _NAMES for value in schema.values())
    return bool(schema) and is_named and not schema.keys() <= {"format"} and _SAYING.isdisjoint(schema)


def _as_schema(name: str, value: Any) -> str:
    """The JSON Schema of a field of a shorthand, in brief."""
    try:
        schema = json.dumps(_field(name, value))
    except (CannotDescribe, TypeError, ValueError):
        schema = ""
    brief = schema if 0 < len(schema) <= _BRIEF else "{…}"
    return f'{{"properties": {{{json.dumps(name, ensure_ascii=False)}: {brief}}}}}'


def doubts(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a dict says in the words of OpenAPI 3.0, and what to write instead.

    Args:
        payload: JSON Schema, or a shorthand.
    """
    try:
        schema = payload if is_json_schema(payload) else expand(payload)
    except CannotDescribe:
        return  # which is told
    for place, node in placed_subschemas(schema):
        if "nullable" not in node:
            continue
        at = f" at {'.'.join(place)}" if place else ""
        told = "is read as a type that may be null" if "type" in node and node["nullable"] is True else "is left out"
        yield f"'nullable'{at} is OpenAPI 3.0's and no keyword of JSON Schema; it {told}", _instead_of_nullable(node)


def _instead_of_nullable(node: Mapping[str, Any]) -> str:
    if node["nullable"] is not True:
        return "remove it"
    kind = node.get("type")
    if isinstance(kind, str):
        return f'write "type": [{json.dumps(kind)}, "null"]'
    return 'write {"anyOf": [{…}, {"type": "null"}]}'


def _field(name: str, value: Any) -> JsonSchema:
    if isinstance(value, str):
        return _named(name, value)
    if isinstance(value, Mapping):
        return dict(value) if is_json_schema(value) else expand(value)
    if (describer := describer_of(value)) is not None:
        return described_by(describer, value, "out")
    from chanspec.schemas.python import describe_type, is_annotation

    if is_annotation(value):
        return describe_type(value, "out")
    raise CannotDescribe(
        f"the response field {name!r} is {value!r}", 'name its JSON type or format, as in {"ride_id": "uuid"}'
    )


def _placed(name: str, schema: JsonSchema) -> Any:
    """A field's schema with its references to itself leading to where it now stands."""
    place = "#/properties/" + quote(name.replace("~", "~0").replace("/", "~1"))
    return map_refs(schema, lambda ref: place + ref[1:] if ref.startswith("#") else ref)


def _named(field: str, name: str) -> JsonSchema:
    if name in _TYPES:
        return {"type": name}
    if name in _PYTHON_NAMES:
        return {"type": _PYTHON_NAMES[name]}
    if name in _NUMBERS:
        return {"type": _NUMBERS[name], "format": name}
    if name in _FORMATS:
        return {"type": "string", "format": _FORMATS[name]}
    raise CannotDescribe(
        f"the response field {field!r} is {name!r}, which names no JSON type or format{near_match(name, _NAMES)}",
        'name a JSON type ("string", "integer", …) or a format ("uuid", "date-time", …)',
    )
