"""Serializers that stand for one of several: drf-spectacular's ``PolymorphicProxySerializer``, and
``PolymorphicSerializer`` of django-rest-polymorphic and django-polymorphic.

None of these packages need be installed: their classes are known by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from chanspec.channels.serializers.constants import constant
from chanspec.channels.serializers.instances import fields_of, instance_of, path_of, unwrapped
from chanspec.schemas import CannotDescribe, JsonSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chanspec.channels.serializers.walk import Walk

_PROXY = frozenset({"drf_spectacular.utils:PolymorphicProxySerializer"})
_BY_MODEL = frozenset(
    {
        "rest_polymorphic.serializers:PolymorphicSerializer",
        "polymorphic.contrib.drf.serializers:PolymorphicSerializer",
    }
)


def union_schema(serializer: Any, walk: Walk) -> JsonSchema | None:
    """Return the schema of a serializer that stands for one of several; None for any other.

    Where each has a field whose value says which one it is, that value is a constant in each.

    Raises:
        CannotDescribe: It names nothing that could be described.
    """
    classes = {path_of(each) for each in type(serializer).__mro__}
    if classes & _PROXY:
        branches, tag = list(_proxied(serializer, walk)), serializer.resource_type_field_name
        title = serializer.component_name
    elif classes & _BY_MODEL:
        branches, tag = list(_by_model(serializer, walk)), serializer.resource_type_field_name
        title = walk.title_of(serializer)
    else:
        return None
    if not branches:
        raise CannotDescribe(f"{path_of(type(serializer))} stands for no serializer", "give it those it stands for")
    values = [value for value, _ in branches]
    is_told_apart = None not in values and len(set(values)) == len(values)
    schema: JsonSchema = {"title": title, "oneOf" if is_told_apart else "anyOf": [each for _, each in branches]}
    return {**schema, "discriminator": {"propertyName": tag}} if is_told_apart else schema


def only_describes(cls: type) -> bool:
    """Whether a serializer's class describes and cannot read: messages are checked by its schema."""
    return not _PROXY.isdisjoint(map(path_of, cls.__mro__))


def _proxied(proxy: Any, walk: Walk) -> Iterator[tuple[Any, JsonSchema]]:
    """The value that tells each serializer from the others, if there is one, and its schema."""
    tag, chosen = proxy.resource_type_field_name, proxy.serializers
    named = list(chosen.items()) if isinstance(chosen, dict) else [(None, each) for each in chosen]
    for value, each in named:
        serializer = instance_of(unwrapped(each))
        if tag is None or isinstance(serializer, serializers.ListSerializer):
            yield None, walk.value(serializer)
            continue
        field = next((one for one in fields_of(serializer) if one.field_name == tag), None)
        if field is None or not walk.is_on_the_wire(field):
            yield None, walk.value(serializer)
            continue
        constant_of = value if value is not None else _only_value(field)
        yield constant_of, walk.tagged(serializer, tag, constant_of)


def _by_model(serializer: Any, walk: Walk) -> Iterator[tuple[Any, JsonSchema]]:
    for model, each in serializer.model_serializer_mapping.items():
        value = serializer.to_resource_type(model)
        yield value, walk.tagged(instance_of(each), serializer.resource_type_field_name, value)


def _only_value(field: Any) -> Any:
    """The value that a field always has, as drf-spectacular finds it out; None where it has many."""
    if isinstance(field, serializers.ChoiceField):
        return constant(next(iter(field.choices))) if len(field.choices) == 1 and not field.allow_null else None
    is_fixed = isinstance(field, serializers.SerializerMethodField)
    if type(field).__module__ == serializers.Field.__module__ and not is_fixed:
        return None  # a CharField would say "None"
    try:
        value = field.to_representation(None)
    except Exception:  # it depends on the object
        return None
    return value if isinstance(value, str | int) else None
