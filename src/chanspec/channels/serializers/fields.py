"""One function for each class of serializer field that holds a plain value: the JSON Schema of that value.

A field class that is not in :data:`DESCRIBERS` is described by its nearest base that is. Null, validators,
blank strings and annotations are added by the caller (:mod:`.walk`); what takes a model or a method to
describe is in :mod:`.relations`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.core import validators
from django.utils.functional import Promise
from rest_framework import ISO_8601, serializers
from rest_framework.settings import api_settings
from rest_framework.utils import humanize_datetime

from chanspec.channels.serializers.checks import has_own
from chanspec.channels.serializers.constants import constant
from chanspec.channels.serializers.nulls import NOT_NULL
from chanspec.channels.serializers.sources import blank_is_sent, choice_forms, source_of, unlisted_default
from chanspec.schemas import JsonSchema
from chanspec.schemas.rules import RULES, at_most, with_rules

if TYPE_CHECKING:
    from chanspec.channels.serializers.walk import Walk

Describer = Callable[[Any, "Walk"], JsonSchema]


def _always(**schema: Any) -> Describer:
    return lambda field, walk: dict(schema)


def _anything(field: Any, walk: Walk) -> JsonSchema:
    return {}


def _uuid(field: Any, walk: Walk) -> JsonSchema:
    forms: dict[str, JsonSchema] = {
        "hex_verbose": {"type": "string", "format": "uuid"},
        "hex": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "int": {"type": "integer", "minimum": 0},
        "urn": {"type": "string", "pattern": "^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    }
    return forms[field.uuid_format]


def _ip_address(field: Any, walk: Walk) -> JsonSchema:
    # DRF before 3.18.1 passes on only the validator of a model field that takes one protocol.
    for protocol, validator in (("ipv4", validators.validate_ipv4_address), ("ipv6", validators.validate_ipv6_address)):
        if field.protocol == protocol or validator in field.validators:
            return {"type": "string", "format": protocol}
    return {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}


def _big_integer(field: Any, walk: Walk) -> JsonSchema:
    if not getattr(field, "coerce_to_string", api_settings.COERCE_BIGINT_TO_STRING):
        return {"type": "integer"}
    # Sent as a string, because JavaScript's numbers are too short; a number is understood as well.
    types: Any = "string" if walk.direction == "out" else ["string", "integer"]
    return {"type": types, "pattern": "^-?[0-9]+$"}


def _decimal(field: Any, walk: Walk) -> JsonSchema:
    digits, places, whole = field.max_digits, field.decimal_places, field.max_whole_digits
    lengths = [
        *([at_most(digits, "digit")] if digits is not None else []),
        *([at_most(places, "decimal place")] if places else []),
    ]
    if not getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING):
        schema: JsonSchema = {"type": "integer" if places == 0 else "number"}
        if (most := digits if whole is None else whole) is not None:
            schema |= {"exclusiveMinimum": -(10**most), "exclusiveMaximum": 10**most}
        # No `multipleOf`: few decimal fractions are multiples of one another as floats.
        return with_rules(schema, *lengths)
    if field.localize:
        return with_rules({"type": "string"}, "is a number as the server's language writes it", *lengths)
    schema = {"type": "string", "format": "decimal", "pattern": _decimal_pattern(field)}
    return with_rules(schema, *lengths) if places is None else schema


def _decimal_pattern(field: Any) -> str:
    sign = "" if field.min_value is not None and field.min_value >= 0 else "-?"
    places = field.decimal_places
    if places is None:
        return rf"^{sign}[0-9]+(\.[0-9]+)?$"
    fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
    if field.max_whole_digits is None:
        return f"^{sign}[0-9]+{fraction}$"
    if field.max_whole_digits == 0:
        return rf"^{sign}0?\.[0-9]{{1,{places}}}$"
    return f"^{sign}[0-9]{{1,{field.max_whole_digits}}}{fraction}$"


def _temporal(iso_format: Callable[[Any], str], setting: str, humanized: Callable[[list[str]], str]) -> Describer:
    """A date or time: ISO 8601 has a format, one of the project's own is a string."""

    def describe(field: Any, walk: Walk) -> JsonSchema:
        if walk.direction == "in":
            formats = getattr(field, "input_formats", getattr(api_settings, f"{setting}_INPUT_FORMATS"))
        else:
            # None leaves the value to the encoder, and encoders write ISO 8601.
            formats = [getattr(field, "format", getattr(api_settings, f"{setting}_FORMAT")) or ISO_8601]
        if any(each.lower() == ISO_8601 for each in formats):
            return {"type": "string", "format": iso_format(field)}
        return _written_as(formats, humanized) if walk.direction == "in" else {"type": "string"}

    return describe


def _written_as(formats: list[str], humanized: Callable[[list[str]], str]) -> JsonSchema:
    """A moment in forms of the project's own: a pattern of their digits, and the rule that there is such a moment."""
    patterns = [_pattern_of(each) for each in formats]
    schema: JsonSchema = {"type": "string"}
    if all(patterns):
        schema["pattern"] = f"^{patterns[0]}$" if len(patterns) == 1 else f"^(?:{'|'.join(map(str, patterns))})$"
    return with_rules(schema, f"is written as {humanized(formats)}")


_DIRECTIVES = {
    "%Y": "[1-9][0-9]{3}",
    "%y": "[0-9]{2}",
    "%m": "(0[1-9]|1[0-2])",
    "%d": "(0[1-9]|[12][0-9]|3[01])",
    "%H": "([01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
    "%f": "[0-9]{1,6}",
    "%%": "%",
}


def _pattern_of(form: str) -> str | None:
    """What `strptime` reads of a form; None where it names days or zones, or has what a pattern means otherwise."""
    parts = re.findall(r"%.|[^%]", form)
    if not all(each in _DIRECTIVES or re.fullmatch(r"[\w .:,/-]", each, re.ASCII) for each in parts):
        return None
    return "".join(_DIRECTIVES.get(each, r"\." if each == "." else each) for each in parts)


def _date_time_format(field: Any) -> str:
    """RFC 3339's ``date-time`` has an offset; where Django knows no time zones there is none."""
    zone = field.timezone if hasattr(field, "timezone") else field.default_timezone()
    return "date-time-local" if zone is None else "date-time"


def _duration(field: Any, walk: Walk) -> JsonSchema:
    form = getattr(field, "format", api_settings.DURATION_FORMAT)
    if form is None and walk.direction == "out":
        return {"type": "string"}  # the encoder's own form
    is_iso = form is not None and form.lower() == ISO_8601
    if is_iso and walk.direction == "out":
        # Django writes signs and fractions, which the format has not.
        return {"type": "string", "pattern": r"^-?P[0-9]{1,9}DT[0-9]{2}H[0-9]{2}M[0-9]{2}(\.[0-9]{1,6})?S$"}
    if is_iso:
        return {"type": "string", "format": "duration", RULES: ["has no years, months or weeks"]}
    return {"type": "string", "pattern": r"^(-?[0-9]{1,9} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"}


def _choice(field: Any, walk: Walk) -> JsonSchema:
    keys = [key for key in field.choices if key is not None]
    if walk.direction == "in":
        values = [_accepted(key) for key in keys]
        is_blank = field.allow_blank
    else:
        column = source_of(field).column
        values = [form for key in keys for form in choice_forms(column, key)]
        if values and column is not None:
            values += unlisted_default(column)
        is_blank = field.allow_blank or blank_is_sent(field)
    if is_blank and "" not in values:
        values.append("")
    return enumeration(values)


def _accepted(key: Any) -> Any:
    """The form in which a choice is understood: DRF compares texts, and JSON has no other form of a date."""
    return constant(key) if isinstance(key, str | int | float | Enum | Promise) else str(key)


def enumeration(values: list[Any]) -> JsonSchema:
    """The schema of a fixed set of JSON values."""
    if not values:
        return {RULES: ["is one of the server's choices"]}  # filled in later
    types = list(dict.fromkeys(_json_type(value) for value in values))
    return {"type": types[0] if len(types) == 1 else types, "enum": values}


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names[type(value)]


def _multiple_choice(field: Any, walk: Walk) -> JsonSchema:
    schema: JsonSchema = {"type": "array", "items": _choice(field, walk)}
    if walk.direction == "out":
        schema["uniqueItems"] = True
    return _non_empty(schema, field, "minItems", walk)


def _file(field: Any, walk: Walk) -> JsonSchema:
    if walk.direction == "in":
        schema: JsonSchema = {"type": "string", "format": "binary"}
        # A class of the project's own may well read files from text.
        is_upload = not has_own(type(field), "to_internal_value")
        return with_rules(schema, "is an uploaded file, which no message can hold") if is_upload else schema
    if not getattr(field, "use_url", api_settings.UPLOADED_FILES_USE_URL):
        return {"type": "string"}
    # Without a request in the serializer's context the URL has no host.
    return {"type": "string", "format": "uri-reference"}


def _json(field: Any, walk: Walk) -> JsonSchema:
    if field.binary:
        return {"type": "string", "contentMediaType": "application/json"}
    if walk.direction == "out" or field.allow_null:
        return {}
    return {"type": list(NOT_NULL)}


def _file_path(field: Any, walk: Walk) -> JsonSchema:
    # Its choices are the files of the server: they change with it and are nobody's business.
    return {"type": "string", RULES: ["names one of the server's files"]}


def _list(field: Any, walk: Walk) -> JsonSchema:
    return _non_empty({"type": "array", "items": walk.item(field.child)}, field, "minItems", walk)


def _dict(field: Any, walk: Walk) -> JsonSchema:
    schema: JsonSchema = {"type": "object", "additionalProperties": walk.item(field.child) or True}
    return _non_empty(schema, field, "minProperties", walk)


def _non_empty(schema: JsonSchema, field: Any, keyword: str, walk: Walk) -> JsonSchema:
    if walk.direction == "in" and not field.allow_empty:
        schema[keyword] = 1
    return schema


DESCRIBERS: dict[type, Describer] = {
    serializers.BigIntegerField: _big_integer,
    serializers.BooleanField: _always(type="boolean"),
    serializers.CharField: _always(type="string"),
    serializers.ChoiceField: _choice,
    serializers.DateField: _temporal(lambda field: "date", "DATE", humanize_datetime.date_formats),
    serializers.DateTimeField: _temporal(_date_time_format, "DATETIME", humanize_datetime.datetime_formats),
    serializers.DecimalField: _decimal,
    serializers.DictField: _dict,
    serializers.DurationField: _duration,
    serializers.EmailField: _always(type="string", format="email"),
    serializers.FileField: _file,
    serializers.FilePathField: _file_path,
    serializers.FloatField: _always(type="number"),
    serializers.HStoreField: _dict,
    serializers.HiddenField: _anything,
    serializers.IPAddressField: _ip_address,
    serializers.ImageField: _file,
    serializers.IntegerField: _always(type="integer"),
    serializers.JSONField: _json,
    serializers.ListField: _list,
    serializers.MultipleChoiceField: _multiple_choice,
    serializers.RegexField: _always(type="string"),
    serializers.SlugField: _always(type="string"),
    # Its values have no offset, which RFC 3339's `time` demands.
    serializers.TimeField: _temporal(lambda field: "time-local", "TIME", humanize_datetime.time_formats),
    serializers.URLField: _always(type="string", format="uri"),
    serializers.UUIDField: _uuid,
}
