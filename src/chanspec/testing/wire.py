"""A consumer's messages from the client's end: writes what it receives, reads what it sends."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from chanspec.aliases import as_written, validator
from chanspec.contract import contract_of, naming_field
from chanspec.messages import BUILTIN_MESSAGES, CompleteMessage, EventCompleteMessage, GroupCompleteMessage
from chanspec.runtime.codec import Codec

SIGNALS = frozenset(
    str(each.model_fields["action"].default) for each in (CompleteMessage, EventCompleteMessage, GroupCompleteMessage)
)


class Unreadable(ValueError):  # noqa: N818 - says what a frame is
    """A frame is none of the messages that were expected.

    Attributes:
        tried: The class it was compared with, if one was nearest.
        error: What pydantic said about that.
    """

    def __init__(self, tried: Any = None, error: ValidationError | None = None) -> None:
        super().__init__()
        self.tried = tried
        self.error = error


class Wire:
    """The messages of one consumer class, or of none in particular.

    Args:
        consumer: The class; None where it is not known, which then has no messages of its own.
        codec: What the consumer itself writes with, once that is known: it has the settings' names of fields.
    """

    def __init__(self, consumer: type | None, codec: Codec | None = None) -> None:
        contract = contract_of(consumer) if consumer is not None else None
        self.consumer = consumer
        self.discriminator = contract.discriminator_field if contract else "action"
        described = contract.event_field if contract else None
        self._customary = tuple(dict.fromkeys(each for each in (described, "type", "handler") if each is not None))
        camelize = contract.camelize if contract else False
        self.codec = codec or Codec((), (), self.discriminator, camelize=camelize)
        self.field = self.codec.wire_discriminator
        outgoing: Iterable[type] = contract.outgoing if contract else ()
        self.is_typed = bool(contract and (contract.handlers or contract.event_handlers))
        self.messages: tuple[type, ...] = tuple(dict.fromkeys((*outgoing, *BUILTIN_MESSAGES)))
        self._validators: dict[Any, SchemaValidator] = {}

    def write(self, message: Any) -> str:
        """Return the text of a message that a client sends."""
        if isinstance(message, BaseModel):
            return self.codec.encode(message)
        if isinstance(message, Mapping | list):
            raise TypeError(
                f"send_message() takes a message, not {type(message).__name__}; "
                "use send_json_to() for JSON of any shape"
            )
        return TypeAdapter(type(message)).dump_json(message, by_alias=True).decode()

    def named(self, content: Any) -> str | None:
        """What names the message that some JSON is: by this consumer's discriminator, or another custom."""
        for field in dict.fromkeys((self.field, *self._customary)) if isinstance(content, dict) else ():
            value = content.get(field)
            if isinstance(value, str):
                return value
        return None

    def constant(self, cls: Any) -> tuple[str, str] | None:
        """The field on the wire that names a message class, and the constant in it; None where it has none."""
        if not isinstance(cls, type) or not issubclass(cls, BaseModel):
            return None
        own = naming_field(cls, self.discriminator)
        for name in dict.fromkeys((own, *self._customary)):
            annotation = cls.model_fields[name].annotation if name in cls.model_fields else None
            values = typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()
            if len(values) == 1:
                return self.field if name == own else name, str(getattr(values[0], "value", values[0]))
        return None

    def read(self, text: str, content: Any, expected: Iterable[Any]) -> Any:
        """Return the message that a text is.

        Args:
            text: Of the frame.
            content: The same, parsed.
            expected: The classes that it may be of.

        Raises:
            Unreadable: It is none of them.
        """
        nearest = Unreadable()
        for cls in expected:
            constant = self.constant(cls)
            if constant is not None and not (isinstance(content, dict) and content.get(constant[0]) == constant[1]):
                continue
            try:
                return self._validator(cls).validate_json(text)
            except ValidationError as error:
                nearest = Unreadable(cls, error)
        raise nearest

    def _validator(self, cls: Any) -> SchemaValidator:
        found = self._validators.get(cls)
        if found is None:
            is_model = isinstance(cls, type) and issubclass(cls, BaseModel)
            schema = self.codec.schema(cls) if is_model else TypeAdapter(cls).core_schema
            found = self._validators[cls] = validator(as_written(schema))
        return found


def classes_in(expected: Any) -> tuple[Any, ...]:
    """The classes in what a test expects: one class, a union, or a tuple of these."""
    if isinstance(expected, tuple | list):
        return tuple(each for one in expected for each in classes_in(one))
    if typing.get_origin(expected) in (typing.Union, types.UnionType):
        return tuple(each for one in typing.get_args(expected) for each in classes_in(one))
    if typing.get_origin(expected) is typing.Annotated:
        return classes_in(typing.get_args(expected)[0])
    return (expected,)
