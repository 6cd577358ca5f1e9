"""Classes that are nothing but fields and that pydantic does not read as such: attrs classes, named tuples."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any

from chanspec.schemas.registry import CannotDescribe


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it is on the wire. ``T | None`` is a ``T`` that may be absent, as for all plain classes."""

    name: str
    annotation: Any
    has_default: bool
    optional: bool = False

    @property
    def required(self) -> bool:
        """Whether it has to be there."""
        return not self.has_default and not self.optional


def fields_of(cls: type) -> list[Field] | None:
    """Return the fields of a class; None for one that is no record.

    Raises:
        CannotDescribe: An annotation names what is not there.
    """
    if "__attrs_attrs__" in vars(cls):
        from attrs import NOTHING

        attributes = [each for each in vars(cls)["__attrs_attrs__"] if each.init]
        return _fields(cls, {each.name: each.default is not NOTHING for each in attributes})
    if issubclass(cls, tuple) and (names := getattr(cls, "_fields", None)) is not None:
        defaults = getattr(cls, "_field_defaults", {})
        return _fields(cls, {name: name in defaults for name in names})
    return None


def checks_itself(cls: type) -> bool:
    """Whether a record's own code may refuse the values of its fields."""
    attributes = vars(cls).get("__attrs_attrs__", ())
    return hasattr(cls, "__attrs_post_init__") or any(each.validator is not None for each in attributes)


def _fields(cls: type, has_default: dict[str, bool]) -> list[Field]:
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        cure = "define or import the names its annotations use at module level"
        raise CannotDescribe(f"{cls.__qualname__} cannot be read ({error})", cure) from error
    fields = []
    for name, is_given in has_default.items():
        annotation, is_optional = _without_none(hints.get(name, Any))
        fields.append(Field(name, annotation, is_given, is_optional))
    return fields


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """``T`` and True for ``T | None``, inside ``Annotated`` too; else the annotation and False."""
    if typing.get_origin(annotation) is typing.Annotated:
        inner, is_optional = _without_none(annotation.__origin__)
        return (typing.Annotated[(inner, *annotation.__metadata__)] if is_optional else annotation), is_optional
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [each for each in typing.get_args(annotation) if each is not types.NoneType]
        if len(rest) < len(typing.get_args(annotation)):
            return typing.Union[tuple(rest)], True  # noqa: UP007 - built from a tuple
    return annotation, False
