"""The ``$defs`` of a description: one for each distinct nested serializer, with a readable name of its
own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rest_framework.serializers import LIST_SERIALIZER_KWARGS, ModelSerializer

from chanspec.channels.serializers.sources import model_of
from chanspec.channels.serializers.spectacular import component_name
from chanspec.schemas import REF, JsonSchema
from chanspec.schemas.dialect import readable
from chanspec.schemas.keywords import map_refs, refs_in

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

_HERE = "="
"""Goes before the name of a definition that is here, in a schema that brings others: no name begins with it."""

# Arguments that say how a serializer is used, not which fields it has.
_ORDINARY = frozenset(LIST_SERIALIZER_KWARGS) | {"validators", "many", "child"}


class Definitions:
    """The definitions made so far, by name."""

    def __init__(self) -> None:
        self.schemas: dict[str, JsonSchema] = {}
        self._names: dict[Hashable, str] = {}

    def reference(
        self,
        serializer: Any,
        fields: Sequence[Any],
        describe: Callable[[Any], JsonSchema],
        tag: tuple[str, Any] | None = None,
    ) -> JsonSchema:
        """Return a reference to the serializer's definition, describing it when it is new.

        Two serializers share a definition when they are of one class and have the same fields: a serializer
        may choose its fields by its arguments, its parent or its context.

        Args:
            serializer: The serializer.
            fields: Its fields.
            describe: Describes it.
            tag: The field that has one value, and that value, where it is one of several serializers.
        """
        key = (_class_key(type(serializer)), _arguments(serializer), tuple(map(_outline, fields)), tag)
        if key not in self._names:
            title = self.title_of(serializer)
            is_taken = tag is not None and title in self.schemas
            name = self._names[key] = self._unused(f"{title}Typed" if is_taken else title)
            self.schemas[name] = {}  # holds the place while it is described: it may contain itself
            self.schemas[name] = describe(serializer)
            self._names[key] = self._merge_twin(name)
        return {"$ref": REF + self._names[key]}

    def named(self, name: str, schema: JsonSchema) -> JsonSchema:
        """Return a reference to a definition of ``schema``, which may be one itself."""
        if schema.keys() == {"$ref"}:
            return schema
        # What is empty may be a place that is held for another.
        known = next((each for each in self.schemas if schema and self.schemas[each] == schema), None)
        if known is None:
            known = self._unused(readable(name))
            self.schemas[known] = schema
        return {"$ref": REF + known}

    def adopt(self, schema: JsonSchema) -> JsonSchema:
        """Move the ``$defs`` that a schema uses here, and return it with its references changed to match.

        A reference that :meth:`marked` returned leads to a definition that is here already.
        """
        schema = dict(schema)
        foreign: dict[str, JsonSchema] = schema.pop("$defs", {})
        names: dict[str, str] = {}
        pending = sorted(refs_in(schema))
        while pending:
            if (name := pending.pop(0)) in foreign and name not in names:
                names[name] = self._adopted_name(name, foreign)
                pending += sorted(refs_in(foreign[name]))

        def renamed(ref: str) -> str:
            name = ref.removeprefix(REF)
            return REF + (name.removeprefix(_HERE) if name.startswith(_HERE) else names.get(name, name))

        for old, new in names.items():
            self.schemas[new] = map_refs(foreign[old], renamed)
        adopted: JsonSchema = map_refs(schema, renamed)
        return adopted

    @staticmethod
    def marked(schema: JsonSchema) -> JsonSchema:
        """A schema whose references are to stay what they are when it comes back as part of another."""
        marked: JsonSchema = map_refs(schema, lambda ref: REF + _HERE + ref.removeprefix(REF))
        return marked

    def _adopted_name(self, name: str, foreign: dict[str, JsonSchema]) -> str:
        """The same name for the same definition out of the same set, which two methods may return."""
        key = (name, json.dumps(foreign, sort_keys=True, default=str))
        if key not in self._names:
            self._names[key] = self._unused(name)
            self.schemas[self._names[key]] = {}
        return self._names[key]

    @staticmethod
    def title_of(serializer: Any) -> str:
        """The class's name without "Serializer"; the model's, for those that ``Meta.depth`` makes.

        drf-spectacular's ``component_name`` goes before both.
        """
        cls = type(serializer)
        if told := component_name(cls):
            return told
        if _is_made_by_depth(cls) and (model := model_of(serializer)) is not None:
            return model.__name__
        name: str = cls.__name__
        return name.removesuffix("Serializer") or name

    def _unused(self, name: str) -> str:
        candidate, number = name, 2
        while candidate in self.schemas:
            candidate, number = f"{name}{number}", number + 1
        return candidate

    def _merge_twin(self, name: str) -> str:
        """Drop a definition that turned out to equal an earlier one, and return the name to use."""
        schema = self.schemas[name]
        twin = next((other for other, each in self.schemas.items() if each == schema), name)
        if twin != name and not any(name in refs_in(each) for each in self.schemas.values()):
            del self.schemas[name]
            return twin
        return name


def _is_made_by_depth(cls: type) -> bool:
    return cls.__module__ == ModelSerializer.__module__ and cls.__name__ == "NestedSerializer"


def _class_key(cls: Any) -> Hashable:
    """The class; DRF makes a new one for each relation that ``Meta.depth`` follows."""
    return (cls.__qualname__, cls.Meta.model, cls.Meta.depth) if _is_made_by_depth(cls) else cls


def _arguments(serializer: Any) -> Hashable:
    chosen = {key: value for key, value in serializer._kwargs.items() if key not in _ORDINARY}
    return _frozen([serializer._args, chosen])


def _outline(field: Any) -> Hashable:
    return (
        field.field_name,
        _class_key(type(field)),
        field.read_only,
        field.write_only,
        field.required,
        field.allow_null,
    )


def _frozen(value: Any) -> Hashable:
    """A key of a value by what it holds; never by its repr, which asks the database for a queryset's rows."""
    if isinstance(value, dict):
        return tuple((key, _frozen(each)) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(map(_frozen, value))
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value  # type: ignore[no-any-return]
