"""Walks a serializer's fields: objects, references to nested serializers, null, ``required`` and annotations.

What a single field's value looks like is in :mod:`.fields` and :mod:`.relations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
from rest_framework import serializers
from rest_framework.fields import empty

from chanspec.channels.serializers.checks import field_checks, has_own, object_checks
from chanspec.channels.serializers.constants import represented, sent_forms
from chanspec.channels.serializers.constraints import constrain
from chanspec.channels.serializers.declared import hook_schema
from chanspec.channels.serializers.definitions import Definitions
from chanspec.channels.serializers.extensions import extension_schema
from chanspec.channels.serializers.fields import DESCRIBERS, enumeration
from chanspec.channels.serializers.instances import fields_of, instance_of, path_of, unwrapped
from chanspec.channels.serializers.notes import docstring, notes_of
from chanspec.channels.serializers.nulls import NOT_NULL, blankable, nullable
from chanspec.channels.serializers.presence import is_always_sent, is_found, may_be_null
from chanspec.channels.serializers.relations import RELATION_DESCRIBERS
from chanspec.channels.serializers.spectacular import excluded_fields, spectacular_schema, with_overrides
from chanspec.channels.serializers.unions import union_schema
from chanspec.schemas import CannotDescribe, JsonSchema
from chanspec.schemas.rules import RULES, with_rules

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
        if stated is None:
            stated = self._told(serializer, is_root=True)
        if stated is not None:
            return self.adopt(stated)
        if isinstance(serializer, serializers.ListSerializer):
            return self._serializer_list(serializer)
        if not isinstance(serializer, serializers.Serializer):
            raise CannotDescribe(
                f"{path_of(type(serializer))} has no fields: it extends BaseSerializer",
                "give it a chanspec_schema (a JSON Schema dict), or extend Serializer",
            )
        return self.object(serializer)

    def field(self, field: Any) -> JsonSchema:
        """Describe a field as a property of its serializer."""
        schema = self._stated(field)
        if schema is None:
            schema = self._checked(self._or_default(self.bare_item(field), field), field_checks(field))
            schema = nullable(schema) if may_be_null(field, self.direction) else self._not_null(schema, field)
        return self._annotated(schema, field)

    def _or_default(self, schema: JsonSchema, field: Any) -> JsonSchema:
        """The schema of a field's value, or of the default that is sent where its source is not found."""
        if self.direction == "in" or field.default in (empty, None) or is_found(field):
            return schema
        if callable(field.default):
            return {} if isinstance(field, serializers.ReadOnlyField) else schema
        validator = jsonschema_rs.Draft202012Validator({**schema, "$defs": self.definitions}, validate_formats=True)
        plain = represented(field, field.default)
        forms = sent_forms(field.default if isinstance(field, serializers.ReadOnlyField) else plain)
        others = [form for form in forms if not validator.is_valid(form)]
        return {"anyOf": [schema, enumeration(others)]} if others else schema

    def item(self, field: Any) -> JsonSchema:
        """Describe the child of a list or dict."""
        schema = self._stated(field)
        if schema is None:
            schema = self._checked(self.bare_item(field), field_checks(field))
            schema = nullable(schema) if field.allow_null else self._not_null(schema, field)
        return schema

    def _checked(self, schema: JsonSchema, rules: list[str]) -> JsonSchema:
        return with_rules(schema, *rules) if self.direction == "in" else schema

    def _not_null(self, schema: JsonSchema, field: Any) -> JsonSchema:
        """Whatever else a field takes: DRF looks for null before the field does."""
        is_open = schema.keys() <= {RULES} and self.direction == "in"
        is_checked = is_open and not has_own(type(field), "run_validation", "validate_empty_values")
        return {"type": list(NOT_NULL), **schema} if is_checked else schema

    def bare_item(self, field: Any) -> JsonSchema:
        """Describe a field's value where null is not allowed."""
        schema = self._stated(field)
        if schema is None:
            schema = self.value(field)
            schema = blankable(schema, field, self.direction) if hasattr(field, "allow_blank") else schema
        return schema

    def value(self, field: Any, *, extensions: bool = True) -> JsonSchema:
        """Describe a field's value with what its validators demand.

        Args:
            field: A field or serializer.
            extensions: Whether drf-spectacular's extensions are asked first.
        """
        field = unwrapped(field)
        # A field's own statement, which counts null too, was asked for before.
        stated = hook_schema(field, self.direction) if isinstance(field, serializers.BaseSerializer) else None
        if stated is None:
            stated = self._told(field, extensions=extensions)
        if stated is not None:
            return self.adopt(stated)
        if isinstance(field, serializers.BaseSerializer):
            return self._nested(field)
        describe = next(_DESCRIBERS[base] for base in type(field).__mro__ if base in _DESCRIBERS)
        schema = describe(field, self)
        if "$ref" not in schema:
            constrain(schema, field)
        if self.direction == "out":
            schema.pop(RULES, None)  # DRF checks what it is sent, never what it sends
        return schema

    def _stated(self, field: Any) -> JsonSchema | None:
        """What a field class states of its values, null included; a serializer class does not know about null."""
        if isinstance(field, serializers.BaseSerializer):
            return None
        stated = hook_schema(field, self.direction)
        return None if stated is None else self.adopt(stated)

    def _told(self, field: Any, *, extensions: bool = True, is_root: bool = False) -> JsonSchema | None:
        """What drf-spectacular or a known package says of a field or serializer, before its fields are read."""
        stated = spectacular_schema(field, self)
        if stated is None and isinstance(field, serializers.BaseSerializer):
            stated = union_schema(field, self)
            if stated is not None and not is_root:
                stated = self.named(stated["title"], stated)
        return extension_schema(field, self) if stated is None and extensions else stated

    def adopt(self, schema: JsonSchema) -> JsonSchema:
        """Take over a schema made elsewhere, with the definitions it brings."""
        return self._definitions.adopt(schema)

    def named(self, name: str, schema: JsonSchema) -> JsonSchema:
        """Make a definition of a schema made elsewhere, and return a reference to it."""
        return self._definitions.named(name, self.adopt(schema))

    def reference(self, cls: type) -> JsonSchema | None:
        """Refer to the definition of a serializer class from an annotation; None for any other class."""
        if not issubclass(cls, serializers.BaseSerializer):
            return None
        serializer = instance_of(cls)
        return self.marked(self.named(self.title_of(serializer), self.value(serializer)))

    def tagged(self, serializer: Any, tag: str, value: Any) -> JsonSchema:
        """Refer to a serializer that is one of several, told apart by a field that has one value in each.

        Args:
            serializer: The serializer.
            tag: The field.
            value: Its value; None where it is not known.
        """
        if value is None:
            return self.value(serializer)

        def describe(one: Any) -> JsonSchema:
            schema = self.object(one)
            rest = {name: each for name, each in schema["properties"].items() if name != tag}
            required = [name for name in schema.get("required", ()) if name != tag]
            kind = enumeration([value])["type"]
            fixed = {tag: {"type": kind, "const": value}, **rest}
            return {**schema, "properties": fixed, "required": [tag, *required]}

        return self._definitions.reference(serializer, fields_of(serializer), describe, (tag, value))

    def marked(self, schema: JsonSchema) -> JsonSchema:
        """A schema to be handed to others, whose references are to stay what they are when they give it back."""
        return self._definitions.marked(schema)

    def title_of(self, serializer: Any) -> str:
        """The name of a serializer's definition, where no other has it."""
        return self._definitions.title_of(serializer)

    def _nested(self, serializer: Any) -> JsonSchema:
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
            return self._definitions.reference(serializer, fields_of(serializer), self.object)
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
        return self._checked(schema, object_checks(serializer))

    def object(self, serializer: Any) -> JsonSchema:
        """Describe the object that a serializer's fields make, in place."""
        excluded = excluded_fields(serializer)
        fields = [
            field for field in fields_of(serializer) if self.is_on_the_wire(field) and field.field_name not in excluded
        ]
        schema: JsonSchema = {"type": "object", "title": self._definitions.title_of(serializer)}
        if description := docstring(type(serializer)):
            schema["description"] = description
        schema["properties"] = {field.field_name: self.field(field) for field in fields}
        if required := [field.field_name for field in fields if self._is_required(field)]:
            schema["required"] = required
        return self._checked(with_overrides(schema, serializer, self), object_checks(serializer))

    def is_on_the_wire(self, field: Any) -> bool:
        """Whether a field is in what is sent in this direction."""
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
