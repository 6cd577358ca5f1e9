"""Whether a field can be missing from, or null in, what a serializer sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.fields import empty

from chanspec.channels.serializers.sources import source_of

if TYPE_CHECKING:
    from chanspec.contract import Direction


def may_be_null(field: Any, direction: Direction) -> bool:
    """Whether null is accepted from, or can be sent to, the client."""
    if field.allow_null or direction == "in":
        return bool(field.allow_null)
    if field.default is None:
        return True
    source = source_of(field)
    if isinstance(field, serializers.FileField):
        # DRF sends null where there is no file, whatever the field allows.
        return not field.required if source.column is None else source.column.blank or source.nullable
    if isinstance(field, serializers.SerializerMethodField):
        return False  # its annotation says
    return source.nullable


def is_found(field: Any) -> bool:
    """Whether the models say that the field's source leads to a value or to null, whatever the instance."""
    source = source_of(field)
    return not getattr(field, "source_attrs", None) or (source.is_known and not source.breakable)


def is_always_sent(field: Any, *, partial: bool) -> bool:
    """Whether DRF sends the field whatever the instance.

    DRF leaves out a field that is not required, has no default and does not allow null when its source is not
    found. A read-only field's attribute counts as found: the server declares that it sends it. A source with
    dots counts as found where the models say that nothing in its middle can be ``None``.
    """
    if field.required or field.allow_null or not field.source_attrs:
        return True
    if is_found(field):
        return True
    if field.default is not empty and not partial and not isinstance(field.default, serializers.CreateOnlyDefault):
        return True
    return bool(field.read_only) and len(field.source_attrs) == 1 and not source_of(field).breakable
