"""Python values (defaults, choices, limits) → the JSON values that stand for them on the wire."""

from __future__ import annotations

import datetime
import json
import math
import uuid
from decimal import Decimal
from enum import Enum
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.duration import duration_string
from django.utils.functional import Promise
from rest_framework.utils.encoders import JSONEncoder

_REPRESENTED = (datetime.date, datetime.time, datetime.timedelta, Decimal, uuid.UUID)


def constant(value: Any) -> Any:
    """Return ``value`` as JSON has it, or None when it has no such form (or is None)."""
    try:
        return _plain(value)
    except (TypeError, ValueError):
        return None


def represented(field: Any, value: Any) -> Any:
    """Return ``value`` as ``field`` sends it, or None when it has no JSON form."""
    if isinstance(value, _REPRESENTED):
        try:
            value = field.to_representation(value)
        except Exception:  # code of the project's, or a value that the field would not hold
            return constant(value)
    return constant(value)


def sent_forms(value: Any) -> list[Any]:
    """Return the JSON values that encoders make of ``value`` where no field has formatted it; none for ``None``.

    DRF's encoder writes a ``Decimal`` as a number, Django's as a string. Which one is used, the application decides.
    """
    if value is None:
        return []
    forms: list[Any] = []
    for encoder in (JSONEncoder, DjangoJSONEncoder):
        try:
            form = json.loads(json.dumps(value, cls=encoder, allow_nan=False))
        except (TypeError, ValueError):  # a type that the encoder does not know
            continue
        if not any(type(form) is type(each) and form == each for each in forms):
            forms.append(form)
    plain = constant(value)
    return forms or ([] if plain is None else [plain])


def _plain(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case Enum():
            return _plain(value.value)
        case int():
            return int(value)
        case float():
            if not math.isfinite(value):
                raise ValueError(value)
            return float(value)
        case str() | Promise() | uuid.UUID() | Decimal():
            return str(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return duration_string(value)
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {str(key): _plain(each) for key, each in value.items()}
    raise TypeError(value)
