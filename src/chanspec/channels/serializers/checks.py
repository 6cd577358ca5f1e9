"""What serializers and fields check in code that no schema shows: sentences for ``x-rules``."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.validators import BaseUniqueForValidator, UniqueTogetherValidator

from chanspec.schemas.rules import OWN

__all__ = ["LIBRARIES", "field_checks", "has_own", "object_checks"]

LIBRARIES = ("django.", "rest_framework.")
_OF_FIELDS = ("to_internal_value", "run_validation", "run_validators", "validate_empty_values")


def has_own(cls: type, *methods: str) -> bool:
    """Whether any of these methods of a class is neither Django's nor DRF's."""
    found = (getattr(cls, name, None) for name in methods)
    return any(each is not None and not str(getattr(each, "__module__", "")).startswith(LIBRARIES) for each in found)


def field_checks(field: Any) -> list[str]:
    """What a field is checked for by methods: its own, and its serializer's for it."""
    is_checked_by_parent = callable(getattr(field.parent, f"validate_{field.field_name}", None))
    is_object = isinstance(field, serializers.Serializer)  # which says so itself
    return [OWN] if is_checked_by_parent or (not is_object and has_own(type(field), *_OF_FIELDS)) else []


def object_checks(serializer: Any) -> list[str]:
    """What all the fields of a serializer are checked for together."""
    rules = [OWN] if has_own(type(serializer), "validate", *_OF_FIELDS) else []
    try:
        validators = list(getattr(serializer, "validators", ()))
    except Exception:  # code of the project's
        return rules or [OWN]
    return list(dict.fromkeys([*rules, *map(_rule_of, validators)]))


def _rule_of(validator: Any) -> str:
    if isinstance(validator, UniqueTogetherValidator):
        return f"is the only one with its values of {', '.join(validator.fields)}"
    if isinstance(validator, BaseUniqueForValidator):
        return f"is the only one with its value of {validator.field} in the time of its {validator.date_field}"
    return OWN
