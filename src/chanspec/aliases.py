"""Renames fields in pydantic's core schemas: camelCase, a different discriminator, no aliases at all.

Only declared fields are renamed: the keys of users' dicts never are, because a core schema does not name them.
This reads pydantic's core schemas, which are documented (``pydantic_core.core_schema``), and nothing private.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from pydantic_core import SchemaSerializer, SchemaValidator

from chanspec.camel import camel_case

Rename = Callable[[str], str | None]
"""The name on the wire of a field that has no alias of its own; None keeps its name."""

_RECORDS = ("model-fields", "typed-dict", "dataclass-args")
# Values of users, and what pydantic keeps for itself: no schemas in there.
_OPAQUE = frozenset({"metadata", "cls", "default", "expected", "config", "function", "members", "generic_origin"})
_MAPPINGS = frozenset({"fields", "choices"})  # their keys are names of the user's, not of core schema


def camelized(schema: Any) -> Any:
    """Return a core schema whose fields are written in camelCase and read in either way."""
    return _Renaming(camel_case).walk(schema)


def unaliased(schema: Any) -> Any:
    """Return a core schema without aliases: what is written with it is always read again."""
    return _Renaming(None).walk(schema)


def with_discriminator(schema: Any, old: str, new: str) -> Any:
    """Return a message's core schema with its field ``old`` written as ``new``; fields further inside are kept."""
    if schema["type"] == "definitions":
        return {**schema, "schema": with_discriminator(schema["schema"], old, new)}
    if schema["type"] != "model-fields":
        return {**schema, "schema": with_discriminator(schema["schema"], old, new)}
    field = {**schema["fields"][old], "serialization_alias": new}
    return {**schema, "fields": {**schema["fields"], old: field}}


def validator(schema: Any) -> SchemaValidator:
    """Build a validator from a changed schema.

    pydantic-core takes a model's ready-made validator instead of its schema, unless it is told that there is none.
    """
    return cast(SchemaValidator, _built(SchemaValidator, schema))


def serializer(schema: Any) -> SchemaSerializer:
    """Build a serializer from a changed schema; see :func:`validator`."""
    return cast(SchemaSerializer, _built(SchemaSerializer, schema))


_building = threading.Lock()


def _built(kind: Any, schema: Any) -> Any:
    try:
        return kind(schema, _use_prebuilt=False)
    except TypeError:  # a release before 2.13, which asks the classes themselves
        pass
    with _building:
        finished = {cls for cls in _classes(schema) if cls.__dict__.get("__pydantic_complete__")}
        try:
            for cls in finished:
                cls.__pydantic_complete__ = False
            return kind(schema)
        finally:
            for cls in finished:
                cls.__pydantic_complete__ = True


def _classes(node: Any) -> Iterator[Any]:
    """The classes of models and dataclasses in a core schema."""
    if isinstance(node, Mapping):
        if node.get("type") in ("model", "dataclass"):
            yield node["cls"]
        for key, value in node.items():
            if key not in _OPAQUE:
                yield from _classes(value)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _classes(each)


class _Renaming:
    """One pass over a core schema. Without ``rename``, fields lose their aliases; with it, only bare ones get one."""

    def __init__(self, rename: Rename | None) -> None:
        self.rename = rename

    def walk(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.walk(each) for each in node]
        if isinstance(node, tuple):  # (schema, label) in unions
            return tuple(self.walk(each) for each in node)
        if not isinstance(node, Mapping):
            return node
        walked = {key: self.value(key, value) for key, value in node.items()}
        if node.get("type") in _RECORDS:
            walked["fields"] = self.record(walked["fields"])
            walked["computed_fields"] = [self.computed(each) for each in node.get("computed_fields", ())]
        elif node.get("type") == "tagged-union":
            walked["discriminator"] = self.discriminator(node["discriminator"], node["choices"])
        return walked

    def value(self, key: str, value: Any) -> Any:
        if key in _OPAQUE:
            return value
        if key in _MAPPINGS and isinstance(value, Mapping):
            return {name: self.walk(each) for name, each in value.items()}
        return self.walk(value)

    def record(self, fields: Any) -> Any:
        if isinstance(fields, list):  # a dataclass's
            return [self.field(field["name"], field) for field in fields]
        return {name: self.field(name, field) for name, field in fields.items()}

    def field(self, name: str, field: dict[str, Any]) -> dict[str, Any]:
        if self.rename is None:
            return {key: value for key, value in field.items() if key not in _ALIASES}
        wire = self.rename(name)
        if wire is None or wire == name:
            return field
        renamed = dict(field)
        renamed.setdefault("serialization_alias", wire)
        renamed.setdefault("validation_alias", [[wire], [name]])
        return renamed

    def computed(self, field: dict[str, Any]) -> dict[str, Any]:
        wire = self.rename and self.rename(field["property_name"])
        return {"alias": wire, **field} if wire else field

    def discriminator(self, path: Any, choices: Mapping[Any, Any]) -> Any:
        """Where a tagged union looks for its tag: the field keeps being found under its new name."""
        if callable(path):
            return path
        if self.rename is None:
            name = _named(path if isinstance(path, str) else path[0][0], choices)
            return path if name is None else name
        if not isinstance(path, str):
            return path  # an alias of the user's own, which is kept
        wire = self.rename(path)
        return path if wire is None or wire == path else [[wire], [path]]


_ALIASES = frozenset({"serialization_alias", "validation_alias"})


def _named(alias: Any, choices: Mapping[Any, Any]) -> str | None:
    """The field that the choices of a tagged union call ``alias``."""
    for choice in choices.values():
        node = choice
        while isinstance(node, Mapping) and node.get("type") not in _RECORDS:
            node = node.get("schema")
        if isinstance(node, Mapping):
            fields = node["fields"]
            named = fields.items() if isinstance(fields, Mapping) else [(field["name"], field) for field in fields]
            for name, field in named:
                known = field.get("validation_alias")
                if known == alias or (isinstance(known, list) and [alias] in known):
                    return str(name)
    return None
