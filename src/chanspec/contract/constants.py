"""What names a message class: the one constant in its discriminator field."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from pydantic import BaseModel

from chanspec.messages import BUILTIN_FIELD, BUILTIN_MESSAGES, BaseChannelEvent

EVENT_HANDLER_FIELD = "handler"
"""The discriminator of a ``BaseChannelEvent``; a ``BaseMessage`` sent as an event has its own."""


class Constant(NamedTuple):
    """What names a message class.

    Attributes:
        attribute: The field of the class.
        value: Its constant.
        field: The field's name on the wire, before ``camelize``.
    """

    attribute: str
    value: str
    field: str


def naming_field(message: type[BaseModel], discriminator: str) -> str:
    """Return the field of a message class that the discriminator field on the wire stands for.

    That is the field of this very name, or for chanspec's own messages their ``action``.

    Args:
        message: The class.
        discriminator: The consumer's discriminator field.
    """
    return discriminator if discriminator in message.model_fields else BUILTIN_FIELD


def constant_of(message: type[BaseModel], fields: Sequence[str], where: str) -> Constant:
    """Return what names a message class.

    Args:
        message: The class.
        fields: The discriminator fields that may name it, the first that does goes.
        where: Who names the class, for errors.

    Raises:
        TypeError: None of the fields is fixed to one constant.
    """
    is_builtin = issubclass(message, BUILTIN_MESSAGES)
    several: tuple[str, Sequence[str]] | None = None
    for field in fields:
        attribute = naming_field(message, field) if is_builtin and field != EVENT_HANDLER_FIELD else field
        constants = _constants(message, attribute)
        if len(constants) == 1:
            return Constant(attribute, constants[0], field)
        several = several or ((attribute, constants) if constants else None)
    raise TypeError(f"{where} names {_mistake(message, fields, several)}")


def literal_of(message: type[BaseModel], attribute: str) -> Any:
    """The one value of a field that names a class, as its annotation has it: a text, or a member of an enum."""
    [value] = typing.get_args(message.model_fields[attribute].annotation)
    return value


def name_of(message: type[BaseModel], fields: Sequence[str]) -> str:
    """What names a message class in the first of some fields that does; empty where none does."""
    found = (constants for field in fields if (constants := _constants(message, field)))
    return next(found, [""])[0]


def _mistake(message: type[BaseModel], fields: Sequence[str], several: tuple[str, Sequence[str]] | None) -> str:
    if several is not None:
        name, constants = several
        return (
            f"{message.__qualname__}, whose {name!r} may be {' or '.join(map(repr, constants))}, but a message has one "
            f'name; declare a class for each, derived from a common base: `{name}: Literal["{constants[0]}"] = '
            f'"{constants[0]}"`'
        )
    is_event = issubclass(message, BaseChannelEvent)
    name = next((name for name in fields if (name == EVENT_HANDLER_FIELD) == is_event), fields[0])
    default = message.model_fields[name].default if name in message.model_fields else None
    value = repr(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", message.__name__.removesuffix("Message")).lower())
    if isinstance(default, Enum):
        value = f"{type(default).__qualname__}.{default.name}"
    elif isinstance(default, str) and default:
        value = repr(default)
    value = value.replace("'", '"')
    return f"{message.__qualname__}, whose {name!r} is no constant; declare `{name}: Literal[{value}] = {value}` in it"


def _constants(message: type[BaseModel], name: str) -> list[str]:
    """The constants that a field admits; none where it admits anything else."""
    field = message.model_fields.get(name)
    if field is None or typing.get_origin(field.annotation) is not typing.Literal:
        return []
    found = [each.value if isinstance(each, Enum) else each for each in typing.get_args(field.annotation)]
    return found if all(isinstance(each, str) for each in found) else []
