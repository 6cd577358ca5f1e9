"""Renames fields in pydantic's core schemas: camelCase, a different discriminator, no aliases at all.

Only declared fields are renamed: the keys of users' dicts never are, because a core schema does not name them.
This reads pydantic's core schemas, which are documented (``pydantic_core.core_schema``), and nothing private.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

from pydantic import BaseModel, TypeAdapter
from pydantic_core import SchemaSerializer, SchemaValidator, core_schema

from chanspec.camel import camel_case

Rename = Callable[[str], str | None]
"""The name on the wire of a field that has no alias of its own; None keeps its name."""

_RECORDS = ("model-fields", "typed-dict", "dataclass-args")
OPAQUE = frozenset({"metadata", "cls", "default", "expected", "config", "function", "members", "generic_origin"})
"""The keys of a core schema that hold values of users, and what pydantic keeps for itself: no schemas in there."""
_MAPPINGS = frozenset({"fields", "choices"})  # their keys are names of the user's, not of core schema


def camelized(schema: Any) -> Any:
    """Return a core schema whose fields are written in camelCase and read in either way.

    So are the fields of models and dataclasses that stand where ``Any`` is declared.
    """
    return _Renaming(camel_case).walk(schema)


def unaliased(schema: Any) -> Any:
    """Return a core schema without aliases: what is written with it is always read again."""
    return _Renaming(None).walk(schema)


def with_discriminator(schema: Any, old: str, new: str, wire: str) -> Any:
    """Return a message's core schema with another name on the wire for a field; fields further inside are kept.

    Args:
        schema: Of the message.
        old: The field.
        new: Its name, by which it is read.
        wire: The same in camelCase, if that is wanted: how it is written, and read too.
    """
    if schema["type"] == "definitions":
        inner = schema["schema"]
        if inner["type"] == "definition-ref":  # a message that holds others of its own class, which keep the name
            inner = next(each for each in schema["definitions"] if each["ref"] == inner["schema_ref"])
            inner = {key: value for key, value in inner.items() if key != "ref"}
        return {**schema, "schema": with_discriminator(inner, old, new, wire)}
    if schema["type"] != "model-fields":
        return {**schema, "schema": with_discriminator(schema["schema"], old, new, wire)}
    aliases = {"serialization_alias": wire, "validation_alias": new if wire == new else [[wire], [new]]}
    return {**schema, "fields": {**schema["fields"], old: {**schema["fields"][old], **aliases}}}


def tagged(messages: Mapping[str, tuple[Any, str]]) -> Any:
    """Return the core schema of any of several messages, told apart by the discriminator.

    Pydantic's own discriminated union is this too, but wants at least two classes, and one name for the field in all.

    Args:
        messages: Each message's core schema and its field for that, by the field's constant.
    """
    choices: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    paths: list[list[str | int]] = []
    for value, (schema, field) in messages.items():
        choices[value] = schema
        if schema["type"] == "definitions":
            choices[value] = schema["schema"]
            definitions.update((each["ref"], each) for each in schema["definitions"])
        alias = _fields_of(choices[value], definitions)[field].get("validation_alias", field)
        # One name, one path of names, or several of these.
        known: Any = [[alias]] if isinstance(alias, str) else [alias] if isinstance(alias[0], str) else alias
        paths += [path for path in known if path not in paths]
    name: Any = paths[0][0] if len(paths) == 1 and len(paths[0]) == 1 else paths
    union: Any = core_schema.tagged_union_schema(choices, name)
    return core_schema.definitions_schema(union, list(definitions.values())) if definitions else union


def _fields_of(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The fields of the model in a core schema, whatever validators are around it."""
    while schema["type"] != "model-fields":
        schema = definitions[schema["schema_ref"]] if schema["type"] == "definition-ref" else schema["schema"]
    return schema["fields"]


def as_written(schema: Any) -> Any:
    """Return a core schema that reads what ``schema`` writes, as the other end of a connection does.

    Fields are found under the names that they are written with, and those that are only written are passed over.
    """
    return _Written(None).walk(schema)


def validator(schema: Any) -> SchemaValidator:
    """Build a validator from a changed schema.

    pydantic-core takes a model's ready-made validator instead of its schema, unless it is told that there is none.
    """
    return cast(SchemaValidator, _built(SchemaValidator, schema))


def serializer(schema: Any, config: Any = None) -> SchemaSerializer:
    """Build a serializer from a changed schema and pydantic-core's config; see :func:`validator`."""
    return cast(SchemaSerializer, _built(SchemaSerializer, schema, config))


_building = threading.Lock()


def _built(kind: Any, schema: Any, config: Any = None) -> Any:
    try:
        return kind(schema, config, _use_prebuilt=False)
    except TypeError:  # a release before 2.13, which asks the classes themselves
        pass
    with _building:
        classes = [each["cls"] for each in nodes(schema) if each.get("type") in ("model", "dataclass")]
        finished = {cls for cls in classes if cls.__dict__.get("__pydantic_complete__")}
        try:
            for cls in finished:
                cls.__pydantic_complete__ = False
            return kind(schema, config)
        finally:
            for cls in finished:
                cls.__pydantic_complete__ = True


def nodes(node: Any, *, deep: bool = True, stop: tuple[str, ...] = ()) -> Iterator[Mapping[str, Any]]:
    """A core schema and all core schemas in it.

    Args:
        node: The schema, or a list of some.
        deep: Whether those of fields, items and choices count, and not only those that one is around the other.
        stop: The types of schemas that are left out with all in them.
    """
    if isinstance(node, list | tuple):
        for each in node:
            yield from nodes(each, deep=deep, stop=stop)
    elif isinstance(node, Mapping):
        if node.get("type") in stop:
            return
        yield node
        for key, value in node.items():
            if key in OPAQUE or not isinstance(value, Mapping | list | tuple):
                continue
            if key in _MAPPINGS and isinstance(value, Mapping):
                if deep:
                    yield from nodes(list(value.values()), deep=deep, stop=stop)
            elif deep or key == "schema":
                yield from nodes(value, deep=deep, stop=stop)


def map_nodes(node: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """Copy a core schema, each schema and each field in it as ``change`` returns it, what is in it first."""
    if isinstance(node, list | tuple):
        return type(node)(map_nodes(each, change) for each in node)
    if not isinstance(node, Mapping):
        return node
    walked: dict[str, Any] = {}
    for key, value in node.items():
        if key in OPAQUE:
            walked[key] = value
        elif key in _MAPPINGS and isinstance(value, Mapping):
            walked[key] = {name: map_nodes(each, change) for name, each in value.items()}
        else:
            walked[key] = map_nodes(value, change)
    return change(walked)


def _untyped(value: Any) -> Any:
    """A value of no declared type, with the fields of what it is made of in camelCase; dicts keep their keys."""
    if isinstance(value, dict):
        return {key: _untyped(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_untyped(each) for each in value]
    if is_dataclass(type(value)) or isinstance(value, BaseModel):
        return _camelizing(type(value)).to_python(value, mode="json", by_alias=True, warnings=False)
    return value


_UNTYPED = core_schema.plain_serializer_function_ser_schema(_untyped)
_serializers: WeakKeyDictionary[type, SchemaSerializer] = WeakKeyDictionary()


def _camelizing(cls: type) -> SchemaSerializer:
    known = _serializers.get(cls)
    if known is None:
        known = _serializers[cls] = serializer(camelized(TypeAdapter(cls).core_schema))
    return known


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
        elif node.get("type") == "any" and self.rename is not None:
            walked.setdefault("serialization", _UNTYPED)
        return walked

    def value(self, key: str, value: Any) -> Any:
        if key in OPAQUE:
            return value
        if key == "serialization" and value.get("type") == "any":  # SerializeAsAny
            return _UNTYPED if self.rename is not None else value
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


class _Written(_Renaming):
    """Gives every field the name that it is written with."""

    def walk(self, node: Any) -> Any:
        walked = super().walk(node)
        if isinstance(walked, dict) and "config" in walked:
            walked["config"] = {**walked["config"], "validate_by_alias": True, "validate_by_name": False}
            walked["config"].pop("populate_by_name", None)
        if isinstance(walked, dict) and _only_written(walked):
            if "config" in walked:
                walked["config"]["extra_fields_behavior"] = "ignore"
            if "extra_behavior" in walked:
                walked["extra_behavior"] = "ignore"
        return walked

    def field(self, name: str, field: dict[str, Any]) -> dict[str, Any]:
        read = {key: value for key, value in field.items() if key != "validation_alias"}
        if "serialization_alias" in field:
            read["validation_alias"] = field["serialization_alias"]
        return read

    def computed(self, field: dict[str, Any]) -> dict[str, Any]:
        return field

    def discriminator(self, path: Any, choices: Mapping[Any, Any]) -> Any:
        return path


def _only_written(node: Mapping[str, Any]) -> bool:
    """Whether a record, or the model around one, has computed fields."""
    while node.get("type") in ("model", "dataclass") or "computed_fields" not in node:
        inner = node.get("schema")
        if not isinstance(inner, Mapping):
            return False
        node = inner
    return bool(node["computed_fields"])


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
