"""Where a serializer field's value comes from in its serializer's model, and whether it can be null, blank or
missing there.

Only model classes are read: no queryset is evaluated and no instance made.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.fields.related_descriptors import (
    ForwardManyToOneDescriptor,
    ManyToManyDescriptor,
    ReverseManyToOneDescriptor,
    ReverseOneToOneDescriptor,
)
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import cached_property
from rest_framework.serializers import ManyRelatedField, ModelSerializer

from chanspec.channels.serializers.constants import sent_forms
from chanspec.channels.serializers.hints import may_return_none, returned_model

if TYPE_CHECKING:
    from collections.abc import Sequence

Model = type[models.Model]


@dataclass(slots=True)
class Source:
    """The end of a source's path through a model.

    Attributes:
        column: The model field whose value it is, for a relation's key the key it points to.
        related: The model whose instance (or instances) it is.
        function: The property's or method's function that computes it.
        labelled: The model field whose ``get_…_display`` it is.
        is_known: Whether every step was found on a model.
        is_many: Whether ``related`` are many instances.
        is_reverse: Whether it is the other side of a one-to-one relation.
        nullable: Whether the value can be null although the path was followed to its end.
        breakable: Whether a step before the last can be ``None``, so that DRF finds nothing.
    """

    column: models.Field[Any, Any] | None = None
    related: Model | None = None
    function: Any = None
    labelled: models.Field[Any, Any] | None = None
    is_known: bool = False
    is_many: bool = False
    is_reverse: bool = False
    nullable: bool = False
    breakable: bool = False


def source_of(field: Any) -> Source:
    """Follow the source of a serializer field, or of the child of a list field, through the parent's
    model."""
    while isinstance(field.parent, ManyRelatedField):
        field = field.parent
    model = model_of(field.parent)
    attributes = getattr(field, "source_attrs", None)
    return follow(model, attributes) if model is not None and attributes else Source()


def model_of(serializer: Any) -> Model | None:
    """Return the model of a ``ModelSerializer``."""
    if not isinstance(serializer, ModelSerializer):
        return None
    model: Model | None = getattr(getattr(serializer, "Meta", None), "model", None)
    return model


def follow(model: Model, attributes: Sequence[str]) -> Source:
    """Follow attribute names from an instance of ``model``."""
    nullable = breakable = False
    source = Source(related=model, is_known=True)
    for position, attribute in enumerate(attributes):
        if position:
            # A None in the middle has no attributes; DRF makes null of a reverse relation that leads nowhere.
            nullable = nullable or source.is_reverse
            breakable = breakable or (source.nullable and not source.is_reverse)
        if source.related is None or source.is_many:
            return Source(nullable=nullable, breakable=breakable)
        source = _step(source.related, attribute)
    return replace(source, nullable=source.nullable or nullable, breakable=breakable)


def unlisted_default(column: models.Field[Any, Any]) -> list[Any]:
    """The JSON forms of a default that is none of the column's choices: rows have it nevertheless."""
    default = column.default
    if default is models.NOT_PROVIDED or callable(default) or default in [key for key, _ in column.flatchoices]:
        return []
    return sent_forms(default)


def choice_forms(column: models.Field[Any, Any] | None, key: Any) -> list[Any]:
    """The JSON forms of a choice, also as a row read again has it: a column of decimals fills up its places."""
    forms = sent_forms(key)
    if isinstance(column, models.DecimalField):
        try:
            stored = Decimal(str(key)).quantize(Decimal(1).scaleb(-column.decimal_places))
        except (ArithmeticError, TypeError):  # it is no number, or the column has no places
            return forms
        forms += [each for each in sent_forms(stored) if each not in forms]
    return forms


def blank_is_sent(field: Any) -> bool:
    """Whether the column of a serializer field may hold the empty string, which DRF sends whatever the field says."""
    column = source_of(field).column
    return column is not None and may_be_blank(column)


def may_be_blank(column: models.Field[Any, Any]) -> bool:
    """Whether a column of text may hold the empty string."""
    return column.empty_strings_allowed and (column.blank or column.default == "")


def _step(model: Model, name: str) -> Source:
    if name == "pk":
        return Source(column=_key(model._meta.pk), is_known=True)
    member = inspect.getattr_static(model, name, None)
    match member:
        case ForwardManyToOneDescriptor():
            return Source(related=member.field.related_model, is_known=True, nullable=member.field.null)
        case ReverseOneToOneDescriptor():
            return Source(related=member.related.related_model, is_known=True, is_reverse=True, nullable=True)
        case ManyToManyDescriptor():
            other = member.rel.related_model if member.reverse else member.rel.model
            return Source(related=other, is_known=True, is_many=True)
        case ReverseManyToOneDescriptor():
            return Source(related=member.rel.related_model, is_known=True, is_many=True)
        case DeferredAttribute():
            return Source(column=_key(member.field), is_known=True, nullable=member.field.null)
        case property():
            return _computed(member.fget)
        case cached_property() | functools.cached_property():
            return _computed(member.func)
        case functools.partialmethod() if isinstance(column := member.keywords.get("field"), models.Field):
            if name == f"get_{column.name}_display":
                # A null column has no label, unless null itself is one of its choices.
                nullable = column.null and all(key is not None for key, _ in column.flatchoices)
                return Source(labelled=column, is_known=True, nullable=nullable)
        case classmethod() | staticmethod():
            return _computed(member.__func__)
    if inspect.isfunction(member):
        return _computed(member)
    return _declared(model, name, is_known=member is not None)


def _computed(function: Any) -> Source:
    """What a property or method returns, as its annotation says."""
    related, nullable = returned_model(function), may_return_none(function)
    return Source(function=function, related=related, is_known=True, nullable=nullable)


def _declared(model: Model, name: str, *, is_known: bool) -> Source:
    """A model field whose class puts a descriptor of its own on the model, or none."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return Source(is_known=is_known)
    if isinstance(field, models.Field) and not field.is_relation:
        return Source(column=field, is_known=True, nullable=field.null)
    # A generic foreign key is None where the row that it names is gone.
    return Source(is_known=is_known, nullable=field.is_relation and field.related_model is None)


def _key(field: Any) -> models.Field[Any, Any]:
    """The field that holds the values of ``field``: a relation's is the key it points to."""
    while field.is_relation and field.remote_field is not None:
        field = field.target_field
    return field  # type: ignore[no-any-return]
