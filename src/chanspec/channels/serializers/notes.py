"""What a field says to its reader: title, description, default."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.fields import empty

from chanspec.channels.serializers.constants import constant, represented

if TYPE_CHECKING:
    from chanspec.schemas import JsonSchema


def notes_of(field: Any, *, with_default: bool) -> JsonSchema:
    """Return the annotation keywords of a field as a property.

    Its label is the title where it says more than the name, its help text the description, followed by the
    labels of choices. A default that is callable or that JSON cannot carry is left out.
    """
    notes: JsonSchema = {}
    if title := _telling_label(field):
        notes["title"] = title
    if description := "\n\n".join(filter(None, (_help_text(field), _choice_labels(field)))):
        notes["description"] = description
    if with_default:
        notes |= _default(field)
    return notes


def docstring(cls: type) -> str:
    """The class's own docstring: what it inherits describes something else."""
    return inspect.cleandoc(vars(cls).get("__doc__") or "")


def _help_text(field: Any) -> str:
    return inspect.cleandoc(str(field.help_text or "")).strip()


def _telling_label(field: Any) -> str:
    label = str(field.label or "").strip()
    return "" if _is_same(label, field.field_name or "") else label


def _choice_labels(field: Any) -> str:
    if not isinstance(field, serializers.ChoiceField) or isinstance(field, serializers.FilePathField):
        return ""
    labels = {str(constant(key)): str(label) for key, label in field.choices.items() if key not in (None, "")}
    if all(_is_same(label, key) for key, label in labels.items()):
        return ""
    return "\n".join(f"- `{key}`: {label}" for key, label in labels.items())


def _is_same(label: str, name: str) -> bool:
    """Whether a label is the one that would be made from the name."""
    return label.casefold() == name.replace("_", " ").casefold()


def _default(field: Any) -> JsonSchema:
    default = field.default
    if default is empty or callable(default):
        return {}
    if default is None:
        return {"default": None} if field.allow_null else {}
    value = represented(field, default)
    return {} if value is None else {"default": value}
