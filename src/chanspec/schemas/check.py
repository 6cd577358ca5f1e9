"""The last word on a schema before it goes into a document: readers of AsyncAPI 3 must take it.

Whatever its source, a schema that passes has the form of AsyncAPI 3's Schema Object. Not for translating:
:mod:`chanspec.schemas.dialect` has done what can be done.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from chanspec.schemas.dialect import RESERVED_KEYS, Described
from chanspec.schemas.keywords import map_subschemas
from chanspec.schemas.registry import CannotDescribe

_DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def check(described: Described) -> None:
    """Refuse a schema that no document can hold.

    Raises:
        CannotDescribe: It is not valid by Draft 7's own schema, or its data has keys that are reserved.
    """
    document = {"$schema": _DRAFT_7, "allOf": [described.root], "definitions": described.definitions}
    try:
        jsonschema_rs.meta.validate(document)
    except jsonschema_rs.ValidationError as error:
        place = ".".join(str(part) for part in list(error.instance_path)[2:])
        where = f" at {place}" if place else ""
        raise CannotDescribe(f"the payload is no JSON Schema{where}: {error.message}", "correct it") from error
    except ValueError as error:  # a number that no JSON text can hold
        raise CannotDescribe(f"the payload is no JSON Schema: {error}", "correct it") from error
    for schema in (described.root, *described.definitions.values()):
        _check_enums(schema)
    if (found := _reserved(document)) is not None:
        raise CannotDescribe(
            f"the payload's schema has {found!r} as a key of its data, which readers of AsyncAPI do not survive",
            "use another key",
        )


def _check_enums(schema: Any) -> Any:
    """AsyncAPI's copy of Draft 7's schema is stricter than today's: an ``enum`` has values, and each once."""
    if isinstance(schema, dict):
        values = schema.get("enum")
        if values is not None and not 0 < len(values) == len({json.dumps(each, sort_keys=True) for each in values}):
            raise CannotDescribe(f"the payload has the enum {values}", "give it values, and each once")
        map_subschemas(schema, _check_enums)
    return schema


def _reserved(value: Any) -> str | None:
    """A reserved key in ``value`` that is no reference."""
    if isinstance(value, list):
        return next((found for each in value if (found := _reserved(each)) is not None), None)
    if not isinstance(value, dict):
        return None
    for key, each in value.items():
        if key in RESERVED_KEYS and not (key == "$ref" and isinstance(each, str) and each.startswith("#/$defs/")):
            return str(key)
        if (found := _reserved(each)) is not None:
            return found
    return None
