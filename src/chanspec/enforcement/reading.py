"""Reads the fields of an annotated action as the class that its payload was declared with.

Classes that pydantic knows are read by it. Of others their JSON Schema says what is valid; what makes instances of
them is the library they come from, or for serializers and the like whoever knows it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.errors import PydanticUserError

from chanspec import finite
from chanspec.aliases import validator
from chanspec.asyncapi.payloads import Payloads
from chanspec.contract import Message
from chanspec.enforcement.mistakes import Mistake, SchemaCheck, mistake, of_validation_error
from chanspec.enforcement.records import schema_of
from chanspec.fail_fast import FailFast, Size
from chanspec.schemas.python import is_annotation
from chanspec.schemas.registry import describer_of


class Invalid(ValueError):  # noqa: N818 - a verdict, and in most cases not an error of the program
    """The fields are not what the payload declares."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(mistakes[0].what)
        self.mistakes = mistakes


Make = Callable[[Any], Any]


class Reader:
    """Reads the messages of one action.

    Args:
        message: The action's.

    Attributes:
        cls: The class whose instances it makes; None where it leaves the fields as they are.
        blocks: Whether it may wait for a database, and so belongs in a thread.
        problems: Why the payload cannot be described.
    """

    blocks = False

    def __init__(self, message: Message) -> None:
        payload = message.payload
        self.cls: Any = None
        self._field = message.field
        described, self.problems = Payloads(nulls=True).wire(message, message.value)
        # Of what cannot be described the document has the name alone, and no more is checked.
        schema = None if payload is None or self.problems else read_schema(payload)
        self._adapter = None if schema is None else FailFast(schema, validator(schema))
        self._schema = SchemaCheck(described.root, described.definitions)
        self._keeps_field = message.field is None or (self._adapter is not None and _declares(payload, message.field))
        self._make: Make | None = None
        if self._adapter is not None:
            self.cls = payload
        elif (make := _maker_of(payload)) is not None:
            self.cls, self._make = payload, make

    def check(self, content: Any, size: Size) -> list[Mistake]:
        """What is wrong with a message; nothing is made of it.

        Args:
            content: The whole message, JSON.
            size: What its text holds.
        """
        if self._adapter is None:
            return [] if self._schema.is_valid(content) else self._schema.mistakes(content, size)
        try:
            self._adapter.validate_python(self.fields(content), size)
        except ValidationError as error:
            return of_validation_error(error)
        except Exception:
            return []  # a validator of the application's that fails will fail there too, and is its own to find
        return []

    def read(self, content: Any, size: Size, consumer: Any = None) -> Any:
        """What a message carries: an instance of the payload's class, or where that is a schema, a dict of fields.

        Args:
            content: The whole message, JSON.
            size: What its text holds.
            consumer: Whose it is.

        Raises:
            Invalid: It is not valid.
        """
        fields = self.fields(content)
        if self._adapter is not None:
            try:
                return self._adapter.validate_python(fields, size)
            except ValidationError as error:
                raise Invalid(of_validation_error(error)) from None
        if not self._schema.is_valid(content):
            raise Invalid(self._schema.mistakes(content, size))
        if self._make is None:
            return fields
        try:
            return self._make(fields)
        except (ValueError, TypeError) as error:  # a validator of the class's own
            raise Invalid([mistake("value_error", "Input is not valid")]) from error

    def fields(self, content: Any) -> Any:
        """What a message holds besides its name."""
        if self._keeps_field:
            return content
        return {name: value for name, value in content.items() if name != self._field}


def read_schema(payload: Any) -> Any:
    """The core schema that reads a payload of a kind that pydantic knows, through and through; None for any other."""
    if isinstance(payload, Mapping) or describer_of(payload) is not None or not is_annotation(payload):
        return None
    if _maker_of(payload) is not None:
        return None
    try:
        return finite.refusing(schema_of(payload))
    except (PydanticUserError, NameError, TypeError):
        return None


def _declares(payload: Any, field: str) -> bool:
    """Whether a class has the discriminator among its own fields."""
    known = getattr(payload, "model_fields", None) or getattr(payload, "__dataclass_fields__", None)
    return field in (known or getattr(payload, "__annotations__", {}))


def _maker_of(payload: Any) -> Make | None:
    """What makes instances of a class that pydantic does not know, of fields that its schema takes."""
    if not isinstance(payload, type):
        return None
    if hasattr(payload, "__struct_fields__"):
        return lambda fields: importlib.import_module("msgspec").convert(fields, payload, strict=False)
    if any(base.__module__ == "pydantic.v1.main" and base.__name__ == "BaseModel" for base in payload.__mro__):
        return payload.parse_obj  # type: ignore[attr-defined, no-any-return]
    return None
