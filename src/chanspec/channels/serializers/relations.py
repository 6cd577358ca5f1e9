"""Fields whose value is found through a model or a method: relations, read-only attributes, method results,
fields of the project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BinaryField, Manager, QuerySet
from rest_framework import serializers

from chanspec.channels.serializers.columns import column_schema, label_schema
from chanspec.channels.serializers.hints import argument_schema, result_schema
from chanspec.channels.serializers.instances import path_of
from chanspec.channels.serializers.nulls import nullable
from chanspec.channels.serializers.sources import Model, Source, follow, source_of
from chanspec.channels.serializers.spectacular import spectacular_schema
from chanspec.schemas import CannotDescribe, JsonSchema
from chanspec.schemas.rules import RULES, with_rules

if TYPE_CHECKING:
    from chanspec.channels.serializers.fields import Describer
    from chanspec.channels.serializers.walk import Walk


def _custom(field: Any, walk: Walk) -> JsonSchema:
    """A class of the project's own that extends none of DRF's: what its methods are annotated with."""
    if walk.direction == "out":
        return walk.adopt(result_schema(field.to_representation, "out", walk.reference))
    return walk.adopt(argument_schema(field.to_internal_value, "in", walk.reference))


def _text(field: Any, walk: Walk) -> JsonSchema:
    return {"type": "string"}


def _hyperlink(field: Any, walk: Walk) -> JsonSchema:
    # Without a request in the serializer's context the URL has no host, and either is understood.
    return _existing({"type": "string", "format": "uri-reference"})


def _primary_key(field: Any, walk: Walk) -> JsonSchema:
    if field.pk_field is not None:
        return _existing(walk.value(field.pk_field))
    model = _related_model(field)
    return _existing(_value_of(follow(model, ["pk"]), walk) if model is not None else {})


def _slug(field: Any, walk: Walk) -> JsonSchema:
    model = _related_model(field)
    if model is None:
        return _existing({})
    source = follow(model, field.slug_field.split("__"))
    schema = _value_of(source, walk)
    return _existing(nullable(schema) if source.nullable and walk.direction == "out" else schema)


def _existing(schema: JsonSchema) -> JsonSchema:
    """What a client sends must be there."""
    return with_rules(schema, "names an existing object")


def _related_model(field: Any) -> Model | None:
    """The model that a relation points to: its queryset's, else what its source leads to."""
    try:
        queryset = field.get_queryset()
    except Exception:  # an override that needs a request; asking its source may still answer
        queryset = field.queryset
    if isinstance(queryset, QuerySet | Manager):
        return queryset.model
    return source_of(field).related


def _many_related(field: Any, walk: Walk) -> JsonSchema:
    items = walk.bare_item(field.child_relation)
    schema: JsonSchema = {"type": "array", "items": items}
    if walk.direction == "in" and not field.allow_empty:
        schema["minItems"] = 1
    return with_rules(schema, *items.pop(RULES, ()))  # what is wrong with one of them is said of all


def _attribute(field: Any, walk: Walk) -> JsonSchema:
    return _value_of(source_of(field), walk)


def _model_field(field: Any, walk: Walk) -> JsonSchema:
    column = field.model_field
    while column.is_relation:
        column = column.target_field
    if isinstance(column, BinaryField):
        return {"type": "string", "contentEncoding": "base64"}
    return column_schema(column, walk.value)


def _value_of(source: Source, walk: Walk) -> JsonSchema:
    if source.labelled is not None:
        return label_schema(source.labelled)
    if source.column is not None:
        # What clients send is a key, whose form is the column's; what they are sent may be blank.
        return column_schema(source.column, walk.bare_item if walk.direction == "out" else walk.value)
    return _result_of(source.function, walk) if source.function is not None else {}


def _method(field: Any, walk: Walk) -> JsonSchema:
    method = getattr(field.parent, field.method_name, None)
    if method is None:
        where = path_of(type(field.parent))
        raise CannotDescribe(
            f"{where} has no method {field.method_name} for its field {field.field_name}",
            "define it, typed if you can",
        )
    return _result_of(method, walk)


def _result_of(function: Any, walk: Walk) -> JsonSchema:
    """What a function states of its result, else what it is annotated with."""
    stated = spectacular_schema(function, walk)
    return walk.adopt(result_schema(function, walk.direction, walk.reference) if stated is None else stated)


RELATION_DESCRIBERS: dict[type, Describer] = {
    serializers.Field: _custom,
    serializers.HyperlinkedIdentityField: _hyperlink,
    serializers.HyperlinkedRelatedField: _hyperlink,
    serializers.ManyRelatedField: _many_related,
    serializers.ModelField: _model_field,
    serializers.PrimaryKeyRelatedField: _primary_key,
    serializers.ReadOnlyField: _attribute,
    serializers.RelatedField: _custom,
    serializers.SerializerMethodField: _method,
    serializers.SlugRelatedField: _slug,
    serializers.StringRelatedField: _text,
}
