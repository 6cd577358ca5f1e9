"""The core schemas by which described payloads are read.

They are pydantic's, with two differences. It knows no attrs classes: these have their fields as a typed dict has them,
then the class's own call. And a field ``T | None`` of a plain class may be absent, which is None then.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import core_schema

from chanspec.aliases import map_nodes
from chanspec.schemas.optional import filled_with_none
from chanspec.schemas.own_schemas import describer_in
from chanspec.schemas.python import typed_dicts_allowed
from chanspec.schemas.records import fields_of
from chanspec.schemas.registry import describer_of

_CONFIG = ConfigDict(arbitrary_types_allowed=True)


def schema_of(payload: Any) -> Any:
    """Return the core schema by which a payload is read.

    Args:
        payload: A class or another annotation.

    Raises:
        PydanticUserError: Pydantic cannot look into some class in it.
        NameError: An annotation names what is not there.
        TypeError: A class in it is described by others, or is no type at all.
    """
    records = _Records()
    is_tuple = isinstance(payload, type) and issubclass(payload, tuple) and hasattr(payload, "_fields")
    schema = records.reference(payload) if is_tuple else records.schema(payload)
    records.build()
    if records.definitions:
        schema = core_schema.definitions_schema(schema, list(records.definitions.values()))
    return filled_with_none(schema)


class _Records:
    """The classes of one payload that pydantic does not know, each built once: they may lead back to themselves.

    Attributes:
        definitions: What the schemas refer to, by reference.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._waiting: list[tuple[str, Any]] = []
        self._known: dict[Any, str] = {}

    def schema(self, annotation: Any) -> Any:
        """The core schema of an annotation, which refers to these classes."""
        listed: Any = types.GenericAlias(list, annotation)  # dataclasses and typed dicts refuse a config elsewhere
        with typed_dicts_allowed():
            adapter: TypeAdapter[Any] = TypeAdapter(listed, config=_CONFIG)
            if not adapter.pydantic_complete:
                adapter.rebuild(_types_namespace={})
        found: Any = map_nodes(adapter.core_schema, self._known_to_pydantic)
        if found["type"] == "definitions":
            self.definitions.update((each["ref"], each) for each in found["definitions"])
            found = found["schema"]
        return found.get("items_schema", core_schema.any_schema())

    def reference(self, cls: Any) -> Any:
        """Refer to a class that is to be built."""
        if cls not in self._known:
            ref = self._known[cls] = f"{cls.__module__}.{cls.__qualname__}:chanspec:{id(cls)}"
            self._waiting.append((ref, cls))
        return core_schema.definition_reference_schema(self._known[cls])

    def build(self) -> None:
        """Define the classes that are referred to, and those that these refer to."""
        while self._waiting:
            ref, cls = self._waiting.pop()
            self.definitions[ref] = {**self._record(cls), "ref": ref}

    def _known_to_pydantic(self, node: dict[str, Any]) -> Any:
        if node.get("type") != "is-instance":
            return node
        cls = node["cls"]
        if isinstance(cls, type) and "__attrs_attrs__" in vars(cls):
            return self.reference(cls)
        if describer_of(cls) is not None or (isinstance(cls, type) and describer_in(cls) is not None):
            raise TypeError(f"{cls.__qualname__} is read by others than pydantic")
        return node

    def _record(self, cls: Any) -> Any:
        fields = {}
        for field in fields_of(cls) or ():
            schema = self.schema(field.annotation)
            if field.optional:
                schema = core_schema.nullable_schema(schema)
            # Without a default the class wants it: an optional one that is absent becomes None.
            fields[field.name] = core_schema.typed_dict_field(schema, required=not field.has_default)
        names = {each.name: each.alias for each in getattr(cls, "__attrs_attrs__", ())}

        def make(values: Mapping[str, Any]) -> Any:
            try:
                return cls(**{names.get(name, name): value for name, value in values.items()})
            except TypeError as error:  # a validator of the class's own, or a converter
                raise ValueError("Input is not valid") from error

        return core_schema.no_info_after_validator_function(make, core_schema.typed_dict_schema(fields))
