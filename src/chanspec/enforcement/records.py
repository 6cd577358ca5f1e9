"""Lets pydantic read attrs classes, which it does not know: fields as of a typed dict, then the class's own call."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from chanspec.schemas.records import fields_of


def readable(annotation: Any) -> Any:
    """An annotation in which pydantic knows the attrs classes; any other is returned as it is."""
    if isinstance(annotation, type) and "__attrs_attrs__" in vars(annotation):
        return Annotated[annotation, _Record(annotation)]
    arguments = typing.get_args(annotation)
    changed = tuple(readable(each) for each in arguments)
    if all(one is other for one, other in zip(arguments, changed, strict=True)):
        return annotation
    origin: Any = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return typing.Union[changed]  # noqa: UP007 - built from a tuple
    if origin is Annotated:
        return Annotated[(changed[0], *annotation.__metadata__)]
    return origin[changed]


class _Record:
    """How pydantic reads one attrs class."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        fields = {}
        for field in fields_of(self.cls) or ():
            annotation = readable(field.annotation)
            schema = handler.generate_schema(annotation)
            if field.optional:
                schema = core_schema.nullable_schema(schema)
            fields[field.name] = core_schema.typed_dict_field(schema, required=field.required)
        return core_schema.no_info_after_validator_function(self._make, core_schema.typed_dict_schema(fields))

    def _make(self, values: Mapping[str, Any]) -> Any:
        names = {each.name: each.alias for each in self.cls.__attrs_attrs__}
        try:
            return self.cls(**{names[name]: value for name, value in values.items()})
        except TypeError as error:  # a validator of the class's own, or a converter
            raise ValueError("Input is not valid") from error
