"""Whether a message class is named on the wire as its annotation says, which is what documents say.

Aliases, defaults, validators and serializers may all change that. What clients would then read in the document is not
what is sent, or is refused: so that is an error.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, SchemaValidator, to_json

from chanspec.camel import camel_case
from chanspec.contract.constants import literal_of
from chanspec.contract.values import Handler, Message


def check_message(message: Message, *, camelize: bool | None = None) -> None:
    """Refuse a typed message that is named otherwise on the wire than in the document.

    Args:
        message: Of a class.
        camelize: Whether its fields have camelCase names on the wire; None while that is not known.

    Raises:
        TypeError: It is.
    """
    field = message.field
    assert field is not None  # described messages alone may have none
    attribute = message.attribute or field
    named = _Named(message.payload, attribute, message.value, message.where)
    if attribute == field:  # of chanspec's own messages the field is renamed whatever aliases it has
        names = {field, camel_case(field)} if camelize is None else {field}
        named.check_aliases({camel_case(field)} if camelize else names, message.direction)
    named.check_default()
    if message.direction == "in":
        named.check_reading()
    else:
        named.check_writing(by_alias=True)


def check_event(handler: Handler) -> None:
    """Refuse a channel event that does not travel under the name that its handler has.

    Args:
        handler: Of the event. Aliases do not apply to what goes over a channel layer.

    Raises:
        TypeError: It does not.
    """
    named = _Named(handler.message_type, handler.field, handler.value, handler.where)
    named.check_default()
    named.check_writing(by_alias=False)
    named.check_reading()


class _Named:
    """A message class, the field that names it, and the name."""

    def __init__(self, message: type[BaseModel], attribute: str, value: str, where: str) -> None:
        if not message.__pydantic_complete__:  # a class that it refers to may be defined by now
            message.model_rebuild(raise_errors=False, _types_namespace={})
        self.message = message
        self.attribute = attribute
        self.value = value
        self.where = where
        self.field: FieldInfo = message.model_fields[attribute]

    def refuse(self, what: str, cure: str) -> None:
        raise TypeError(f"{self.where} names {self.message.__qualname__}, whose {self.attribute!r} {what}; {cure}")

    def check_aliases(self, names: set[str], direction: str) -> None:
        """Refuse an alias that is none of ``names``."""
        alias = self.field.validation_alias if direction == "in" else self.field.serialization_alias
        if alias is None:
            return
        config = self.message.model_config
        known = _names_of(alias)
        if direction == "in" and config.get("validate_by_alias") is False:
            known = set()  # what routes the message goes by the alias, and what reads it by the field's name
        if known & names:
            return
        name = min(names, key=len)
        verb = "read" if direction == "in" else "written"
        if config.get("alias_generator") is not None and self.field.alias_priority == 1:
            cure = f'give it an alias of its own: `{self.attribute}: {self._literal()} = Field(…, alias="{name}")`'
        else:
            other = next((each for each in sorted(known) if each.isidentifier()), "")
            so = f", or name messages by {other!r}: call the field so, and set discriminator_field" if other else ""
            cure = f"remove the alias{so}"
        told = f"is {verb} as {_shown(alias)!r} on the wire, while the document says {name!r}"
        self.refuse(told, cure)

    def check_default(self) -> None:
        """Refuse a default that is another name."""
        default, make = self.field.default, self.field.default_factory
        if make is not None:
            try:
                default = make()  # type: ignore[call-arg]
            except Exception:  # it may want what other fields hold, too
                self.refuse("has a default that is made each time", f"write `{self._line()}`")
        if default is not PydanticUndefined and _plain(default) != self.value:
            self.refuse(f"is {default!r} by default, which its own type does not admit", f"write `{self._line()}`")

    def check_reading(self) -> None:
        """Refuse a type or a validator that does not take the name from JSON, or takes it for another."""
        if not self.message.__pydantic_complete__:
            return
        try:
            read = SchemaValidator(_field_schema(self.message, self.attribute)).validate_json(to_json(self.value))
        except ValidationError:
            is_enum = isinstance(literal_of(self.message, self.attribute), Enum)
            cure = "derive its enum from enum.StrEnum" if is_enum else "remove its validator"
            self.refuse(f"does not admit {self.value!r} in JSON, so every message would be refused", cure)
        except Exception:  # by a validator that looks at other fields
            return
        else:
            if _plain(read) != self.value:
                self.refuse(f"becomes {read!r} when it is read", "remove its validator")

    def check_writing(self, *, by_alias: bool) -> None:
        """Refuse a serializer that writes another name, or none."""
        if not self.message.__pydantic_complete__:
            return
        message: Any = self.message.__new__(self.message)
        fields = self.message.model_fields.items()
        state = {name: each.default for name, each in fields if each.default is not PydanticUndefined}
        state[self.attribute] = literal_of(self.message, self.attribute)
        for name, value in (("__dict__", state), ("__pydantic_fields_set__", set(state)), *_NOTHING):
            object.__setattr__(message, name, value)
        serializer = self.message.__pydantic_serializer__
        try:
            written = serializer.to_python(message, mode="json", by_alias=by_alias, warnings=False)
        except Exception:  # by a serializer that looks at other fields, which this message has not
            return
        name = (by_alias and self.field.serialization_alias) or self.attribute
        if not isinstance(written, dict) or name not in written:
            self.refuse("is left out when a message is written", "remove what excludes it, or the serializer")
        elif written[name] != self.value:
            told = f"is written as {written[name]!r}, while the document says {self.value!r}"
            self.refuse(told, "remove its serializer")

    def _line(self) -> str:
        return f'{self.attribute}: Literal["{self.value}"] = "{self.value}"'

    def _literal(self) -> str:
        return f'Literal["{self.value}"]'


_NOTHING = (("__pydantic_extra__", None), ("__pydantic_private__", None))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _names_of(alias: str | AliasPath | AliasChoices) -> set[str]:
    """The names that stand alone for a field."""
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    paths = [each.path if isinstance(each, AliasPath) else [each] for each in choices]
    return {str(path[0]) for path in paths if len(path) == 1}


def _shown(alias: str | AliasPath | AliasChoices) -> str:
    first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
    return ".".join(map(str, first.path)) if isinstance(first, AliasPath) else first


def _field_schema(message: type[BaseModel], attribute: str) -> Any:
    """The core schema of a field, whatever validators are around its model."""
    schema: Any = message.__pydantic_core_schema__
    definitions: dict[str, Any] = {}
    while schema["type"] != "model-fields":
        definitions.update((each["ref"], each) for each in schema.get("definitions", ()))
        schema = definitions[schema["schema_ref"]] if schema["type"] == "definition-ref" else schema["schema"]
    return schema["fields"][attribute]["schema"]
