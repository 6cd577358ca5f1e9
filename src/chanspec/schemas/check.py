"""The last word on a schema before it goes into a document: readers of AsyncAPI 3 must take it.

Whatever its source, a schema that passes has the form of AsyncAPI 3's Schema Object. Not for translating:
:mod:`chanspec.schemas.dialect` has done what can be done.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from chanspec.schemas.dialect import RESERVED_KEYS, Described
from chanspec.schemas.keywords import REF, subschemas
from chanspec.schemas.registry import CannotDescribe, JsonSchema

_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def check(described: Described) -> None:
    """Refuse a schema that no document can hold.

    Args:
        described: The schema, as :func:`chanspec.schemas.describe` returns it.

    Raises:
        CannotDescribe: It is not valid by Draft 7's own schema, its data has keys that are reserved, or a schema in
            it says nothing but that it is itself.
    """
    document = {"$schema": _DRAFT_7, "allOf": [described.root], "definitions": described.definitions}
    try:
        jsonschema_rs.meta.validate(document)
    except jsonschema_rs.ValidationError as error:
        raise CannotDescribe(f"the payload is no JSON Schema{_explained(error)}", "correct it") from error
    except ValueError as error:  # a number that no JSON text can hold
        raise CannotDescribe(f"the payload is no JSON Schema: {error}", "correct it") from error
    for schema in (described.root, *described.definitions.values()):
        _check_enums(schema)
    _check_loops(described.definitions)
    if (found := _reserved(document)) is not None:
        raise CannotDescribe(
            f"the payload's schema has {found!r} as a key of its data, which readers of AsyncAPI do not survive",
            "use another key",
        )


def _explained(error: jsonschema_rs.ValidationError) -> str:
    path = [str(part) for part in error.instance_path][2:]  # below allOf.0 or definitions.Name
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):  # only `type` has alternatives
        return f" at {'.'.join(path)}: {json.dumps(error.instance)} names no type"
    return f" at {'.'.join(path)}: {error.message}" if path else f": {error.message}"


def _check_enums(schema: Any) -> None:
    """AsyncAPI's copy of Draft 7's schema is stricter than today's: an ``enum`` has values, and each once."""
    for each in subschemas(schema):
        values = each.get("enum")
        if values is not None and not 0 < len(values) == len({json.dumps(one, sort_keys=True) for one in values}):
            raise CannotDescribe(f"the payload has the enum {values}", "give it values, and each once")


def _check_loops(definitions: dict[str, JsonSchema]) -> None:
    """Refuse a definition that leads back to itself without stepping into the value: validators would not return."""
    leads_to = {name: _refs_in_place(schema) for name, schema in definitions.items()}
    for start in definitions:
        found: set[str] = set()
        waiting = list(leads_to[start])
        while waiting:
            if (name := waiting.pop()) == start:
                raise CannotDescribe(f"the schema {start!r} is only a reference to itself", "say what it is")
            if name not in found:
                found.add(name)
                waiting.extend(leads_to[name])


def _refs_in_place(schema: Any) -> set[str]:
    """The definitions that apply to the very value that ``schema`` applies to."""
    if not isinstance(schema, dict):
        return set()
    if isinstance(ref := schema.get("$ref"), str):
        return {ref.removeprefix(REF)}
    dependencies = schema.get("dependencies", {})
    parts = [*(schema.get(key) for key in _IN_PLACE), *dependencies.values()]
    parts += [each for key in _IN_PLACE_LISTS for each in schema.get(key, ())]
    return set().union(*map(_refs_in_place, parts))


def _reserved(value: dict[str, Any] | list[Any]) -> str | None:
    """A reserved key in ``value``, which is plain JSON, that is no reference."""
    for key, each in value.items() if isinstance(value, dict) else ((None, each) for each in value):
        if key in RESERVED_KEYS and not (key == "$ref" and isinstance(each, str) and each.startswith(REF)):
            return str(key)
        if isinstance(each, dict | list) and (found := _reserved(each)) is not None:
            return found
    return None
