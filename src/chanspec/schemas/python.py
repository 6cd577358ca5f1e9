"""Python types → JSON Schema, by pydantic; what pydantic cannot look into is described beside it.

Every description is a scope of its own: one set of definitions, filled by pydantic and by the describers of the
classes that it meets on its way.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError
from pydantic.json_schema import JsonSchemaMode

from chanspec.contract import Direction
from chanspec.schemas.dialect import readable
from chanspec.schemas.keywords import REF, map_subschemas
from chanspec.schemas.optional import Nones
from chanspec.schemas.own_schemas import describer_in
from chanspec.schemas.pydantic_forms import FOREIGN, Forms
from chanspec.schemas.records import Field, checks_itself, fields_of
from chanspec.schemas.registry import CannotDescribe, JsonSchema, broken, described_by, describer_of, name_of
from chanspec.schemas.rules import OWN, add_rules

Notes = dict[str, str]
"""What is odd about a payload that is described nevertheless, and what to write instead."""

_MODES: dict[Direction, JsonSchemaMode] = {"in": "validation", "out": "serialization"}
_TYPING = frozenset({"types", "typing", "typing_extensions"})


def is_annotation(value: Any) -> bool:
    """Whether ``value`` may stand in an annotation: a class, an alias, a union, a special form."""
    return isinstance(value, type) or hasattr(value, "__origin__") or type(value).__module__ in _TYPING


def describe_type(
    annotation: Any,
    direction: Direction,
    *,
    camelize: bool = False,
    nones: Nones = "absent",
    notes: Notes | None = None,
    forms: type[Forms] = Forms,
    reference: Callable[[type], JsonSchema | None] = lambda cls: None,
) -> JsonSchema:
    """Return the JSON Schema of a class or annotation, nested types under ``$defs``.

    Args:
        annotation: Anything that may stand in an annotation.
        direction: Whose message it is: the client's are described as they are validated, the server's as they are
            serialized (computed fields included).
        camelize: Whether its fields are in camelCase on the wire.
        nones: How fields ``T | None`` of plain classes are described.
        notes: Gets what is odd about it, each with what to write instead.
        forms: The forms that values have.
        reference: Returns the ``$ref`` to a class that the caller describes itself, or None.

    Raises:
        CannotDescribe: Some type in it has no JSON form.
    """
    scope = _Scope(direction, camelize, nones, {} if notes is None else notes, forms, reference)
    try:
        schema = scope.root(annotation)
    except CannotDescribe:
        raise
    except Exception as error:  # from the class's own hooks, which may do anything
        raise broken(annotation, error) from error
    return {**schema, "$defs": scope.definitions} if scope.definitions else schema


class _Scope:
    """One payload being described: its definitions, and the classes that pydantic does not know."""

    def __init__(
        self,
        direction: Direction,
        camelize: bool,
        nones: Nones,
        notes: Notes,
        forms: type[Forms],
        reference: Callable[[type], JsonSchema | None],
    ) -> None:
        self.direction: Direction = direction
        self.camelize = camelize
        self.nones: Nones = nones
        self.notes = notes
        self.forms = forms
        self.reference = reference
        self.definitions: dict[str, JsonSchema] = {}
        self.foreign: dict[Any, str] = {}

    def root(self, annotation: Any) -> JsonSchema:
        foreign = self.foreign_schema(annotation) if isinstance(annotation, type) else None
        return self.schema(annotation) if foreign is None else foreign

    def nested(self, annotation: Any) -> JsonSchema:
        """Describe the type of a field: as :meth:`root`, but a named tuple inside another type is an array."""
        is_tuple = isinstance(annotation, type) and issubclass(annotation, tuple)
        return self.schema(annotation) if is_tuple else self.root(annotation)

    def schema(self, annotation: Any) -> JsonSchema:
        """Describe by pydantic, adding definitions to the scope's."""
        try:
            schema = self.generate(annotation)
        except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema) as error:
            raise CannotDescribe(
                f"{name_of(annotation)} has no JSON Schema ({_first_line(error)})",
                "use a type that JSON can carry, or register a describer for it",
            ) from error
        except (PydanticUserError, NameError) as error:
            raise CannotDescribe(
                f"{name_of(annotation)} cannot be read ({_first_line(error)})",
                "define or import the names its annotations use at module level",
            ) from error
        return self.merge(schema)

    def generate(self, annotation: Any) -> JsonSchema:
        mode = _MODES[self.direction]
        forms: Any = partial(self.forms, self.foreign_schema, self.note, self.camelize, self.nones)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if _overrides_schema(annotation):
                return annotation.model_json_schema(mode=mode)
            return annotation.model_json_schema(mode=mode, schema_generator=forms)
        # Dataclasses and typed dicts refuse a config; inside a list they take it.
        listed: Any = types.GenericAlias(list, annotation)
        with typed_dicts_allowed():
            adapter: TypeAdapter[Any] = TypeAdapter(listed, config=_CONFIG)
            if not adapter.pydantic_complete:
                adapter.rebuild(_types_namespace={})  # raises, and names what is missing
        schema = adapter.json_schema(mode=mode, schema_generator=forms)
        root: JsonSchema = schema.get("items", {})
        return {**root, "$defs": schema["$defs"]} if "$defs" in schema else root

    def note(self, what: str, cure: str) -> None:
        self.notes[what] = cure

    def merge(self, schema: JsonSchema) -> JsonSchema:
        """Move a schema's own definitions into the scope, renaming those whose names are taken by others."""
        schema = dict(schema)
        definitions = schema.pop("$defs", {})
        names: dict[str, str] = {}
        for name, definition in definitions.items():
            names[name] = self.unused_name(_readable_name(name, definition), definition)
            self.definitions[names[name]] = {}  # taken
        if not self.foreign and all(name == new for name, new in names.items()):
            self.definitions.update(definitions)
            return schema
        for name, definition in definitions.items():
            self.definitions[names[name]] = _renamed(definition, names)
        renamed: JsonSchema = _renamed(schema, names)
        return renamed

    def unused_name(self, name: str, definition: JsonSchema | None = None) -> str:
        candidate, number = name, 2
        while candidate in self.definitions and (definition is None or self.definitions[candidate] != definition):
            candidate, number = f"{name}{number}", number + 1
        return candidate

    def foreign_schema(self, cls: type) -> JsonSchema | None:
        """Refer to the definition of a class that pydantic cannot look into; None for any other class."""
        if cls not in self.foreign:
            if (known := self.reference(cls)) is not None:
                self.foreign[cls] = str(known["$ref"]).removeprefix(REF)
            elif (fields := fields_of(cls)) is not None:
                self.record(cls, fields)
            elif (describe := describer_of(cls) or describer_in(cls)) is not None:
                self.foreign[cls] = self.define(cls.__name__, self.merge(described_by(describe, cls, self.direction)))
            else:
                return None
        return {"$ref": REF + self.foreign[cls]}

    def field(self, field: Field) -> JsonSchema:
        schema = self.nested(field.annotation)
        return {"anyOf": [schema, {"type": "null"}]} if field.optional and self.nones != "absent" else schema

    def define(self, name: str, schema: JsonSchema) -> str:
        """Make a definition of ``schema``, unless it only names one, and return the definition's name."""
        if schema.keys() == {"$ref"}:
            return str(schema["$ref"]).removeprefix(REF)
        name = self.unused_name(name, schema)
        self.definitions[name] = schema
        return name

    def record(self, cls: type, fields: list[Field]) -> None:
        """Make a definition of a class that is its fields."""
        name = self.foreign[cls] = self.unused_name(cls.__name__)
        schema = self.definitions[name] = {"type": "object", "title": cls.__name__}
        schema["properties"] = {field.name: self.field(field) for field in fields}
        if required := [field.name for field in fields if field.required]:
            schema["required"] = required
        if checks_itself(cls):
            add_rules(schema, OWN)


_CONFIG = ConfigDict(arbitrary_types_allowed=True)
_lock = threading.RLock()


@contextmanager
def typed_dicts_allowed() -> Iterator[None]:
    """Let pydantic read the standard library's ``TypedDict`` before Python 3.12.

    It refuses them there, because those that extend others do not know their bases, in which it looks for decorators.
    The fields of the bases are fields of the class too, so the rest it reads well.
    """
    if sys.version_info >= (3, 12) or (switches := _typed_dict_switches()) is None:
        yield
        return
    with _lock:
        known = [getattr(module, name) for module, name, _ in switches]
        try:
            for module, name, value in switches:
                setattr(module, name, value)
            yield
        finally:
            for (module, name, _), value in zip(switches, known, strict=True):
                setattr(module, name, value)


@cache
def _typed_dict_switches() -> list[tuple[types.ModuleType, str, Any]] | None:
    """What of pydantic's own to replace; None without these: its refusal stays, and names the cure."""
    try:
        schemas = importlib.import_module("pydantic._internal._generate_schema")
        decorators = importlib.import_module("pydantic._internal._decorators")
        bases = decorators.get_bases
    except (ImportError, AttributeError):
        return None
    if not hasattr(schemas, "_SUPPORTS_TYPEDDICT"):
        return None

    def known_bases(cls: type) -> tuple[type, ...]:
        if typing.is_typeddict(cls) and not hasattr(cls, "__orig_bases__"):
            return ()
        found: tuple[type, ...] = bases(cls)
        return found

    return [(schemas, "_SUPPORTS_TYPEDDICT", True), (decorators, "get_bases", known_bases)]


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    """A schema whose references follow ``names``, those to foreign classes made plain."""
    if not isinstance(schema, dict):
        return schema
    if FOREIGN in schema:
        return {("$ref" if key == FOREIGN else key): value for key, value in schema.items()}
    if isinstance(ref := schema.get("$ref"), str):
        name = ref.removeprefix(REF)
        schema = {**schema, "$ref": REF + names.get(name, name)}
    return map_subschemas(schema, lambda each: _renamed(each, names))


def _readable_name(name: str, definition: Any) -> str:
    """A name for what pydantic, where two classes have one name, calls ``package__module__Class``."""
    title = definition.get("title") if isinstance(definition, dict) else None
    if "__" not in name or not isinstance(title, str):
        return name
    module, _, own = name.rpartition("__")
    parent = "" if own != title or module.endswith("_locals_") else module.rpartition("__")[2]
    return "".join(word.capitalize() for word in re.findall("[A-Za-z0-9]+", parent)) + readable(title)


def _overrides_schema(model: type[BaseModel]) -> bool:
    return model.model_json_schema.__func__ is not BaseModel.model_json_schema.__func__  # type: ignore[attr-defined]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
