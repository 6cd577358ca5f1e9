"""What pydantic demands of a value and its JSON Schema does not say: limits of dates, functions, what must exist.

Everything here looks at one core schema; those inside it have had their turn.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic_core import to_jsonable_python

from chanspec.schemas.registry import JsonSchema
from chanspec.schemas.rules import FUTURE, LIMITS, OWN, PAST, add_rules, at_most, pattern_of_schemes

__all__ = ["RULED", "with_stated_rules"]


def with_stated_rules(core: Any, schema: JsonSchema) -> JsonSchema:
    """Return a copy of a schema that says, too, what the core schema that it was made of demands besides.

    Args:
        core: A core schema of pydantic's, of a type in :data:`RULED`.
        schema: Its JSON Schema.
    """
    stated = dict(schema)  # somebody's class may have returned the same dict before
    if isinstance(alternatives := stated.get("anyOf"), list):
        stated["anyOf"] = [dict(each) if isinstance(each, dict) else each for each in alternatives]
    _STATE[core["type"]](core, stated)
    return stated


def _temporal(core: Any, schema: JsonSchema) -> None:
    if now := core.get("now_op"):
        add_rules(schema, PAST if now == "past" else FUTURE)
    zone = core.get("tz_constraint")
    if zone == "naive" and schema.get("format") in ("date-time", "time"):
        schema["format"] += "-local"
    elif isinstance(zone, int):
        add_rules(schema, f"has the offset {datetime.timezone(datetime.timedelta(seconds=zone))}")
    _limits(core, schema)


def _limits(core: Any, schema: JsonSchema) -> None:
    """State limits of a value that is sent as text; numbers have keywords for theirs."""
    for text in _texts(schema):
        text.update({LIMITS[key]: str(to_jsonable_python(core[key])) for key in LIMITS if core.get(key) is not None})


def _texts(schema: JsonSchema) -> list[JsonSchema]:
    """The alternatives of a schema that are text."""
    return [each for each in schema.get("anyOf", [schema]) if isinstance(each, dict) and each.get("type") == "string"]


def _decimal(core: Any, schema: JsonSchema) -> None:
    for text in _texts(schema):
        if "pattern" not in text:
            text.setdefault("format", "decimal")
    _limits(core, schema)
    digits, places = core.get("max_digits"), core.get("decimal_places")
    # Not as a pattern: 1E+2 has one digit.
    if digits is not None:
        add_rules(schema, at_most(digits, "digit"))
    if places is not None:
        add_rules(schema, at_most(places, "decimal place"))


def _str(core: Any, schema: JsonSchema) -> None:
    if core.get("ascii_only"):
        if "pattern" in schema:
            schema["allOf"] = [*schema.get("allOf", []), {"pattern": _ASCII}]
        else:
            schema["pattern"] = _ASCII


_ASCII = r"^[\x00-\x7f]*$"
_LENGTHS = {"min_length": ("minLength", math.floor), "max_length": ("maxLength", math.ceil)}


def _bytes(core: Any, schema: JsonSchema) -> None:
    """Pydantic counts bytes, and JSON Schema characters: of UTF-8, one to four bytes each, or of base64, 3/4 of one."""
    for key in _LENGTHS:
        if (length := core.get(key)) is None:
            continue
        keyword, rounded = _LENGTHS[key]
        if str(schema.get("format")).startswith("base64"):
            schema[keyword] = rounded(length * 4 / 3) if key == "min_length" else 4 * math.ceil(length / 3)
        elif key == "min_length":
            schema[keyword] = math.ceil(length / 4)
        most = at_most(length, "byte")
        add_rules(schema, most if key == "max_length" else most.replace("most", "least"))


def _complex(core: Any, schema: JsonSchema) -> None:
    if schema.get("type") == "string":
        schema.setdefault("pattern", _COMPLEX)


_REAL = r"(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[iI][nN][fF]|[nN][aA][nN])"
_COMPLEX = rf"^[-+]?{_REAL}(?:[jJ]|[-+]{_REAL}[jJ])?$"


def _url(core: Any, schema: JsonSchema) -> None:
    if (schemes := core.get("allowed_schemes")) and schema.get("type") == "string":
        schema.setdefault("pattern", pattern_of_schemes(schemes))


def _function(core: Any, schema: JsonSchema) -> None:
    function = core["function"]["function"]
    arguments = function.keywords if isinstance(function, partial) else {}
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)
    # A limit behind a function is one of pydantic's functions; what pydantic writes for it is no JSON Schema.
    for key in LIMITS.keys() & arguments.keys():
        schema.pop(key, None)
        _limit(schema, key, arguments[key])
    name = getattr(function, "__qualname__", "")
    if name in _URLS:  # pydantic describes them without a look at what is inside
        _url(core["schema"], schema)
    elif name in _KNOWN and getattr(function, "__module__", "").startswith("pydantic"):
        for text in _texts(schema):
            add_rules(text, _KNOWN[name])
    elif name == _PREDICATE or _is_the_applications(function):
        add_rules(schema, OWN)


def _chain(core: Any, schema: JsonSchema) -> None:
    """A constraint behind a function is a step of its own, which sees what the function returned."""
    for step in core["steps"][1:]:
        while step["type"] == "function-wrap":  # around what compares
            step = step["schema"]
        if "pattern" in step and schema.get("pattern") != step["pattern"]:
            add_rules(schema, f"has a match of {step['pattern']}")
        elif "pattern" not in step and step["type"] != "is-instance":
            add_rules(schema, OWN)


def _limit(schema: JsonSchema, key: str, value: Any) -> None:
    keyword = LIMITS[key]
    if schema.get("type") in ("integer", "number") and isinstance(value, int | float):
        keyword = keyword.removeprefix("x-")
        schema.setdefault(keyword, value)
    else:
        schema.setdefault(keyword, str(to_jsonable_python(value)))


def _is_the_applications(function: Any) -> bool:
    module = getattr(function, "__module__", None) or type(function).__module__
    return str(module).partition(".")[0] not in _LIBRARIES


_LIBRARIES = frozenset({"pydantic", "pydantic_core", "pydantic_extra_types", "chanspec"})
_KNOWN: dict[str, str] = {
    # Pydantic's own functions that refuse what their schema accepts, by their names.
    "PathType.validate_file": "names an existing file",
    "PathType.validate_directory": "names an existing directory",
    "PathType.validate_socket": "names an existing socket",
    "PathType.validate_new": "names nothing that exists, in a directory that does",
    "EncodedStr.decode_str": "holds text in UTF-8",
    "import_string": "names something that the server can import",
    "ImportString._validate": "names something that the server can import",
    "ByteSize._validate": "has a unit of bytes, or none",
    "PaymentCardNumber.validate": "is the number of a payment card",
    "Color.__init__": "is a colour",
    "EmailStr._validate": "is an address that the server's check of addresses takes",
    "NameEmail._validate": "is an address that the server's check of addresses takes",
    "pattern_either_validator": "is a regular expression of Python's",
    "pattern_str_validator": "is a regular expression of Python's",
    "pattern_bytes_validator": "is bytes, which JSON has none of",
}
_PREDICATE = "apply_known_metadata.<locals>.val_func"
"""Of annotated_types' Predicate and Not."""
_URLS = frozenset(f"{cls}.__get_pydantic_core_schema__.<locals>.wrap_val" for cls in ("_BaseUrl", "_BaseMultiHostUrl"))


def _model(core: Any, schema: JsonSchema) -> None:
    made = getattr(core["cls"], core["post_init"], None) if core.get("post_init") else None
    is_own = core.get("custom_init") or (
        made is not None and ("wrapped" in made.__qualname__ or _is_the_applications(made))
    )
    if is_own:
        add_rules(schema, OWN)


def _dataclass(core: Any, schema: JsonSchema) -> None:
    if core.get("post_init"):
        add_rules(schema, OWN)


def _custom_error(core: Any, schema: JsonSchema) -> None:
    if core.get("custom_error_type") == "is_hashable" and not schema:
        schema["type"] = ["string", "number", "boolean", "null"]


_STATE: dict[str, Callable[[Any, JsonSchema], None]] = {
    "bytes": _bytes,
    "chain": _chain,
    "complex": _complex,
    "custom-error": _custom_error,
    "dataclass": _dataclass,
    "date": _temporal,
    "datetime": _temporal,
    "decimal": _decimal,
    "function-after": _function,
    "function-before": _function,
    "function-plain": _function,
    "function-wrap": _function,
    "model": _model,
    "multi-host-url": _url,
    "str": _str,
    "time": _temporal,
    "timedelta": _temporal,
    "url": _url,
}
RULED = _STATE.keys()
"""The types of core schemas that there may be something to state of."""
