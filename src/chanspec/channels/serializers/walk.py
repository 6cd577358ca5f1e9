"""Walks a serializer's fields: objects, references to nested serializers, null, ``required`` and annotations.

What a single field's value looks like is in :mod:`.fields` and :mod:`.relations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from chanspec.channels.serializers.constraints import constrain
from chanspec.channels.serializers.declared import hook_schema, spectacular_schema
from chanspec.channels.serializers.definitions import Definitions
from chanspec.channels.serializers.fields import DESCRIBERS
from chanspec.channels.serializers.instances import fields_of, path_of
from chanspec.channels.serializers.notes import docstring, notes_of
from chanspec.channels.serializers.nulls import blankable, nullable
from chanspec.channels.serializers.presence import is_always_sent, may_be_null
from chanspec.channels.serializers.relations import RELATION_DESCRIBERS
from chanspec.schemas import CannotDescribe, JsonSchema

if TYPE_CHECKING:
    from chanspec.contract import Direction

_DESCRIBERS = {**DESCRIBERS, **RELATION_DESCRIBERS}
_MAX_DEPTH = 64


class Walk:
    """One description: its direction, and the definitions made so far.

    Args:
        direction: Whose message it is.
        partial: Whether the root serializer validates partial updates, where nothing is required.
    """

    def __init__(self, direction: Direction, *, partial: bool = False) -> None:
        self.direction: Direction = direction
        self.partial = partial
        self._definitions = Definitions()
        self._depth = 0

    @property
    def definitions(self) -> dict[str, JsonSchema]:
        return self._definitions.schemas

    def root(self, serializer: Any) -> JsonSchema:
        """Describe the payload itself, in place."""
        stated = hook_schema(serializer, self.direction)
        if stated is not None:
            return self.adopt(stated)
        if isinstance(serializer, serializers.ListSerializer):
            return self._serializer_list(serializer)
        if not isinstance(serializer, serializers.Serializer):
            raise CannotDescribe(
                f"{path_of(type(serializer))} has no fields: it extends BaseSerializer",
                "give it a chanspec_schema (a JSON Schema dict), or extend Serializer",
            )
        return self._object(serializer)

    def field(self, field: Any) -> JsonSchema:
        """Describe a field as a property of its serializer."""
        schema = self._stated(field)
        if schema is None:
            schema = self.bare_item(field)
            schema = nullable(schema) if may_be_null(field, self.direction) else schema
        return self._annotated(schema, field)

    def item(self, field: Any) -> JsonSchema:
        """Describe the child of a list or dict."""
        schema = self._stated(field)
        if schema is None:
            schema = self.bare_item(field)
            schema = nullable(schema) if field.allow_null else schema
        return schema

    def bare_item(self, field: Any) -> JsonSchema:
        """Describe a field's value where null is not allowed."""
        schema = self._stated(field)
        if schema is None:
            schema = self.value(field)
            schema = blankable(schema, field, self.direction) if hasattr(field, "allow_blank") else schema
        return schema

    def value(self, field: Any) -> JsonSchema:
        """Describe a field's value with what its validators demand."""
        stated = spectacular_schema(field, self.direction, self.field)
        if stated is not None:
            return self.adopt(stated)
        if isinstance(field, serializers.BaseSerializer):
            return self._nested(field)
        describe = next(_DESCRIBERS[base] for base in type(field).__mro__ if base in _DESCRIBERS)
        schema = describe(field, self)
        if "$ref" not in schema and "enum" not in schema:
            constrain(schema, field)
        return schema

    def _stated(self, field: Any) -> JsonSchema | None:
        """What a field class states of its values, null included; a serializer class does not know about null."""
        if isinstance(field, serializers.BaseSerializer):
            return None
        stated = hook_schema(field, self.direction)
        return None if stated is None else self.adopt(stated)

    def adopt(self, schema: JsonSchema) -> JsonSchema:
        """Take over a schema made elsewhere, with the definitions it brings."""
        return self._definitions.adopt(schema)

    def _nested(self, serializer: Any) -> JsonSchema:
        if (stated := hook_schema(serializer, self.direction)) is not None:
            return self.adopt(stated)
        if isinstance(serializer, serializers.ListSerializer):
            return self._serializer_list(serializer)
        if not isinstance(serializer, serializers.Serializer):
            return {}
        if self._depth > _MAX_DEPTH:
            raise CannotDescribe(
                f"{path_of(type(serializer))} is nested more than {_MAX_DEPTH} deep, each with other fields",
                "let get_fields() come to an end, or give the serializer a chanspec_schema",
            )
        self._depth += 1
        try:
            return self._definitions.reference(serializer, fields_of(serializer), self._object)
        finally:
            self._depth -= 1

    def _serializer_list(self, serializer: Any) -> JsonSchema:
        items = self.value(serializer.child)
        schema: JsonSchema = {
            "type": "array",
            "items": nullable(items) if serializer.child.allow_null else items,
        }
        least = max(serializer.min_length or 0, 0 if serializer.allow_empty else 1)
        if self.direction == "in" and least:
            schema["minItems"] = least
        if self.direction == "in" and serializer.max_length is not None:
            schema["maxItems"] = serializer.max_length
        return schema

    def _object(self, serializer: Any) -> JsonSchema:
        fields = [field for field in fields_of(serializer) if self._is_on_the_wire(field)]
        schema: JsonSchema = {"type": "object", "title": self._definitions.title_of(serializer)}
        if description := docstring(type(serializer)):
            schema["description"] = description
        schema["properties"] = {field.field_name: self.field(field) for field in fields}
        if required := [field.field_name for field in fields if self._is_required(field)]:
            schema["required"] = required
        return schema

    def _is_on_the_wire(self, field: Any) -> bool:
        if isinstance(field, serializers.HiddenField):
            return False
        if self.direction == "out":
            return not field.write_only
        # `StringRelatedField(many=True)` does not know that it is read-only; its child does.
        return not field.read_only and not getattr(getattr(field, "child_relation", None), "read_only", False)

    def _is_required(self, field: Any) -> bool:
        if self.direction == "in":
            return bool(field.required) and not self.partial
        return is_always_sent(field, partial=self.partial)

    def _annotated(self, schema: JsonSchema, field: Any) -> JsonSchema:
        said = notes_of(field, with_default=self.direction == "in" and not self.partial)
        notes = {key: value for key, value in said.items() if key not in schema}
        if not notes:
            return schema
        return {"allOf": [schema], **notes} if "$ref" in schema else {**schema, **notes}
